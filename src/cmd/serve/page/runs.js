// Runs: how each of their pictures comes along, and what came of them.

const RUNS = "pinx-runs";
/** Runs that a page which is loaded again goes on to show. */
const remembered = {
  all() { try { return JSON.parse(kept.get(RUNS) || "[]"); } catch { return []; } },
  add(id, prompt) { kept.set(RUNS, JSON.stringify([...this.all().slice(-8), { id, prompt }])); },
  drop(id) { kept.set(RUNS, JSON.stringify(this.all().filter((one) => one.id !== id))); },
};

/** The card of a run. */
function runCard(prompt) {
  const cancel = make("button", { type: "button", class: "small" }, "Cancel");
  const jobs = make("div", { class: "jobs" });
  const said = make("div", { class: "about" });
  const root = make("article", { class: "run", tabindex: "-1", "aria-busy": "true" }, make("header", {}, make("h3", { dir: "auto" }, prompt), cancel), jobs, said);
  $("runs").prepend(root);
  $("lately").hidden = true;
  return { root, cancel, jobs, said, prompt, cells: new Map(), id: null, last: 0, timer: null };
}

/** The place of a picture that is still to come. */
function cell(card, number) {
  const known = card.cells.get(number);
  if (known) return known;
  const phase = make("span", {}, "getting ready");
  const clock = make("span", { class: "soft" });
  const meter = make("div", { class: "meter", role: "progressbar", "aria-label": `Picture ${number + 1}` });
  const frame = make("div", { class: "picture" }, make("div", { class: "wait" }, make("span", { class: "soft" }, "")));
  const notes = make("ul", { class: "adjusted" });
  const root = make("div", { class: "job" }, frame, make("p", { class: "phase" }, phase, clock), meter, notes);
  card.jobs.append(root);
  const made = { root, phase, clock, meter, frame, notes, begun: null, expected: null, over: false };
  card.cells.set(number, made);
  turn(made);
  return made;
}

/** Draws how far a picture is, as far as that can be known. */
function turn(one) {
  if (one.over) return;
  const passed = one.begun === null ? null : Date.now() - one.begun;
  const part = passed === null || !one.expected ? null : Math.min(0.95, passed / one.expected);
  one.meter.classList.toggle("busy", part === null && passed !== null);
  one.meter.replaceChildren(drawing(100, 10, [["part", 0, 0, part === null ? (passed === null ? 0 : 30) : part * 100, 10]]));
  if (part === null) one.meter.removeAttribute("aria-valuenow");
  else one.meter.setAttribute("aria-valuenow", String(Math.round(part * 100)));
  one.meter.setAttribute("aria-valuetext", one.phase.textContent);
  if (passed !== null && passed >= 1000) one.clock.textContent = one.expected ? `${took(passed)} of about ${took(one.expected)}` : took(passed);
}

const many = (card) => (card.cells.size > 1 ? (number) => `picture ${number + 1}: ` : () => "");

/** Says in which phase a picture is. */
function enter(card, number, text) {
  const one = cell(card, number);
  one.phase.textContent = text;
  turn(one);
  tell(`${many(card)(number)}${text}`);
}

/** What each event means to who looks. */
const HEARD = {
  planned(card, { jobs, at_most }) {
    const count = Array.isArray(jobs) ? jobs.length : jobs;
    for (let number = 0; number < count; number += 1) cell(card, number);
    if (at_most) card.said.replaceChildren(make("p", { class: "soft" }, `at most ${dollars(at_most)}`));
  },
  started(card, { job, model, expected_ms }) {
    const one = cell(card, job);
    Object.assign(one, { begun: Date.now(), expected: expected_ms });
    enter(card, job, `${names.get(model) ?? model} begins`);
  },
  waiting(card, { job, why, wait_ms }) { enter(card, job, `waits${wait_ms ? ` ${took(wait_ms)}` : ""}: ${why}`); },
  sent(card, { job }) { enter(card, job, "sent; it is being made"); },
  progress(card, { job, state, before }) {
    enter(card, job, state === "running" ? "it is being made" : before ? `in the queue, ${before} before it` : "in the queue");
  },
  partial(card, { job, index, of, b64_json }) {
    const one = cell(card, job);
    const bytes = Uint8Array.from(atob(b64_json), (letter) => letter.charCodeAt(0));
    const from = URL.createObjectURL(new Blob([bytes]));
    const image = make("img", { alt: "A preview of the picture", class: "partial", src: from });
    image.onload = () => URL.revokeObjectURL(from);
    one.frame.replaceChildren(image);
    enter(card, job, of ? `preview ${index + 1} of ${of}` : "a preview");
  },
  downloading(card, { job, bytes, total }) {
    const one = cell(card, job);
    one.phase.textContent = total ? `downloading, ${percent(bytes / total)}` : `downloading, ${Math.round(bytes / 1000)} kB`;
  },
  saving(card, { job }) { enter(card, job, "saving"); },
  saved(card, { job }) { enter(card, job, "saved"); },
  retrying(card, { job, why, wait_ms }) { enter(card, job, `again in ${took(wait_ms)}: ${why}`); },
  fell_back(card, { job, from, to, why }) {
    cell(card, job).notes.append(make("li", {}, `${from} did not make it (${why})`));
    enter(card, job, `now ${to}`);
  },
  notice(card, { job, text }) {
    if (/not AI/.test(text)) return;
    if (typeof job === "number") cell(card, job).notes.append(make("li", {}, sentence(text)));
    else card.said.append(make("p", { class: "soft" }, sentence(text)));
  },
  ended(card, { job, status, cost }) {
    const one = cell(card, job);
    one.over = true;
    one.meter.remove();
    enter(card, job, status === "done" ? `done${cost ? `, ${dollars(cost)}` : ""}` : status === "refused" ? "refused" : "failed");
  },
  stopping(card, { in_flight }) {
    card.said.replaceChildren(make("p", {}, in_flight ? `Stopping; ${counted(in_flight, "picture")} that ${in_flight === 1 ? "was" : "were"} sent ${in_flight === 1 ? "is" : "are"} still awaited.` : "Stopping."));
  },
};

/** Begins a run and shows it to its end. */
async function run(prompt, options) {
  const card = runCard(prompt);
  card.timer = setInterval(() => card.cells.forEach(turn), 500);
  card.cancel.addEventListener("click", () => cancel(card));
  tell("sent to the server");
  try {
    const answer = await send("/api/generate", options);
    if (!answer.ok) throw await failure(answer);
    card.id = answer.headers.get("x-request-id");
    if (card.id) remembered.add(card.id, prompt);
    await follow(card, answer);
  } catch (error) {
    await broken(card, error);
  }
}

/** Goes on to show a run that this page began before it was loaded again. */
async function resume({ id, prompt }) {
  const answer = await send(`/api/runs/${encodeURIComponent(id)}/events`);
  if (!answer.ok) {
    remembered.drop(id);
    return;
  }
  const card = runCard(prompt);
  Object.assign(card, { id, timer: setInterval(() => card.cells.forEach(turn), 500) });
  card.cancel.addEventListener("click", () => cancel(card));
  try { await follow(card, answer); } catch (error) { await broken(card, error); }
}

async function follow(card, answer) {
  for await (const { id, kind, data } of events(answer)) {
    card.last = id || card.last;
    if (kind === "document") {
      finish(card, data);
      return;
    }
    HEARD[kind]?.(card, data);
  }
  throw new Failed(0, { code: "broken_off", message: "the connection broke off" });
}

/** What is done when the connection is lost: the run goes on without it, so its events are read again. */
async function broken(card, error) {
  const isLost = !(error instanceof Failed) || error.status === 0;
  for (let attempt = 0; isLost && card.id && attempt < 5; attempt += 1) {
    card.said.replaceChildren(make("p", { class: "alarm" }, "The connection is lost; trying to get it back."));
    await new Promise((done) => setTimeout(done, 500 * 2 ** attempt));
    try {
      const answer = await send(`/api/runs/${encodeURIComponent(card.id)}/events?since=${card.last}`);
      if (answer.ok) {
        card.said.replaceChildren();
        await follow(card, answer);
        return;
      }
      if (answer.status === 404) break;
    } catch { /* once more */ }
  }
  over(card);
  const parts = error instanceof Failed ? complaint(error) : [make("p", { class: "alarm" }, "The connection is lost.")];
  if (isLost) parts.push(make("p", {}, "Do not ask again yet: the gallery tells what came of it once the server is there."));
  card.jobs.replaceChildren(make("div", { class: "picture failed", role: "alert" }, ...parts));
  card.said.replaceChildren();
}

function over(card) {
  clearInterval(card.timer);
  card.cancel.remove();
  card.root.setAttribute("aria-busy", "false");
  if (card.id) remembered.drop(card.id);
}

async function cancel(card) {
  card.cancel.disabled = true;
  card.cancel.textContent = "Stopping…";
  if (!card.id) return;
  try {
    await ask(`/api/runs/${encodeURIComponent(card.id)}/cancel`, { method: "POST", json: {} });
    const text = "Stopping: nothing more is sent; what was sent is awaited and saved.";
    card.said.replaceChildren(make("p", {}, text));
    tell(text);
  } catch (error) {
    card.said.replaceChildren(...complaint(error));
  }
}

/** Shows what came of a run. */
function finish(card, said) {
  over(card);
  const done = said.jobs.filter((job) => job.images.length);
  card.jobs.replaceChildren(...said.jobs.map((job) => result(job, done)));
  const parts = [];
  const spent = said.totals?.cost ?? said.totals?.spent ?? null;
  if (said.jobs.length > 1 && spent > 0) parts.push(make("p", { class: "soft" }, `${price(spent)} together`));
  const known = said.jobs.flatMap((job) => (job.adjustments ?? []).map((one) => sentence(adjusted(one))));
  for (const notice of said.notices ?? []) if (!/not AI/.test(notice) && !known.includes(sentence(notice))) parts.push(make("p", { class: "soft" }, sentence(notice)));
  if (said.error) parts.push(...complaint(said.error));
  if (done.length > 1) parts.push(make("div", { class: "actions" }, make("button", { type: "button", class: "small", onclick: () => duel(done.slice(0, 2)) }, "Which is better?")));
  card.said.replaceChildren(...parts);
  const failed = said.jobs.length - done.length;
  tell(failed ? `${counted(done.length, "picture")} made, ${failed} not` : `${counted(done.length, "picture")} made`);
  stale.gallery = stale.statistics = true;
  budgets();
}

/** What a job cost, in a few words. */
function costOf(job) {
  if (job.status === "cached") return "from the cache, free";
  const { reported, estimated, certainty } = job.cost;
  const amount = reported ?? estimated;
  if (job.uncertain) return `${dollars(job.uncertain)} maybe billed`;
  if (amount === 0) return "free";
  if (amount === null || amount === undefined) return "cost unknown";
  return `${reported === null && certainty !== "exact" ? "~" : ""}${dollars(amount)}`;
}

function factsOf(job) {
  const facts = [names.get(job.model) ?? job.model, costOf(job)];
  if (job.timing?.total_ms) facts.push(took(job.timing.total_ms));
  const image = job.images[0];
  if (image?.width) facts.push(`${image.width}×${image.height}`);
  return facts.map((fact) => make("span", {}, fact));
}

/** A job that failed, in the place of its picture. */
function failedJob(job) {
  const { code, message } = job.error ?? { message: job.status };
  const hint = hintOf(job.error);
  const words = { refused: "Refused", interrupted: "Stopped", skipped: "Not begun", pending: "Still being made", unknown: "Not known" };
  return make("div", { class: "picture failed" }, make("strong", {}, words[job.status] ?? "Failed"), make("p", {}, sentence(message ?? "")), hint ? make("p", { class: "soft" }, sentence(hint)) : null,
    ["unknown", "pending"].includes(job.status) ? make("p", {}, "Do not ask again: it may have been billed, and is looked for.") : null, code ? make("code", { class: "soft" }, code) : null);
}

/** A job that has ended, with its picture and what can be done with it. */
function result(job, group) {
  const image = job.images[0];
  if (!image) return make("div", { class: "job" }, failedJob(job), make("div", { class: "about" }, make("p", { class: "facts" }, ...factsOf(job).slice(0, 1))));
  const frame = make("button", { type: "button", class: "picture", "aria-label": `Look at the picture: ${job.prompt}`, onclick: () => view(job, group) });
  const gone = () => frame.replaceChildren(make("span", { class: "soft" }, "the file is gone"));
  frame.append(show(make("img", { alt: job.prompt }), image.sha256, 1024, gone));
  const about = make("div", { class: "about" }, make("p", { class: "facts" }, ...factsOf(job)));
  if (isSketch(job.model)) about.append(make("p", { class: "sketch" }, SKETCH));
  if (job.adjustments?.length) about.append(make("ul", { class: "adjusted" }, job.adjustments.map((one) => make("li", {}, adjusted(one)))));
  if (job.revised_prompt) about.append(make("details", {}, make("summary", {}, "Prompt as it was changed"), make("p", {}, job.revised_prompt)));
  about.append(make("div", { class: "actions" },
    make("button", { type: "button", class: "small", onclick: () => againWith(image.sha256) }, "Again, with changes"),
    make("button", { type: "button", class: "small", onclick: () => startFrom(image.sha256) }, "Start from it")));
  return make("div", { class: "job" }, frame, about);
}
