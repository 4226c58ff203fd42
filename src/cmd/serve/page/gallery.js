// The gallery: what was made, from the log; one picture with its recipe; which of two is better.

const gallery = { entries: [], limit: 60, asked: 0, duel: [] };
const stale = { gallery: true, statistics: true };

const hash = (job) => job.images[0]?.sha256;

/** The entries of the log, the newest first: it tells them as they happened. */
async function logged(query) {
  const { entries, total } = await ask(`/api/log?${query}`);
  return { entries: entries.reverse(), total };
}

/** Shows what the log has. */
async function loadGallery() {
  const mine = ++gallery.asked;
  const query = new URLSearchParams({ limit: String(gallery.limit) });
  const text = $("find").value.trim();
  if (text) query.set("text", text);
  try {
    const { entries, total } = await logged(query);
    if (mine !== gallery.asked) return;
    stale.gallery = false;
    const isAll = $("shown").value === "all";
    gallery.entries = isAll ? entries : entries.filter(hash);
    $("cards").replaceChildren(...gallery.entries.map((job) => card(job, gallery.entries)));
    $("older").hidden = entries.length < gallery.limit || total === entries.length;
    $("found").textContent = gallery.entries.length ? counted(gallery.entries.length, isAll ? "job" : "picture") : text ? "Nothing is like that." : "";
    if (!gallery.entries.length && !text) $("cards").replaceChildren(make("p", { class: "empty" }, "Nothing has been made yet."));
    drawDuel();
  } catch (error) {
    if (mine === gallery.asked) $("cards").replaceChildren(make("div", { class: "empty" }, ...complaint(error)));
  }
}

/** A picture among others. */
function card(job, group) {
  const sha256 = hash(job);
  const words = make("p", { class: "words", dir: "auto" }, job.prompt);
  const facts = make("p", { class: "facts" }, ...factsOf(job), make("span", {}, moment(job.t)), job.verdict === "best" ? make("span", { class: "best" }, "chosen as better") : null);
  if (!sha256) return make("article", { class: "card" }, failedJob(job), words, facts);
  const frame = make("button", { type: "button", class: "picture", "aria-label": `Look at the picture: ${job.prompt}`, onclick: () => view(job, group) });
  const gone = () => frame.replaceChildren(make("span", { class: "soft" }, "the file is gone"));
  frame.append(show(make("img", { alt: "" }), sha256, 320, gone));
  const box = make("input", { type: "checkbox", "aria-label": `Compare: ${job.prompt}`, onchange: () => pick(job, box.checked) });
  box.checked = gallery.duel.some((one) => hash(one) === sha256);
  const line = make("div", { class: "line" }, make("button", { type: "button", class: "small", onclick: () => againWith(sha256) }, "Again"), make("label", {}, box, "compare"));
  return make("article", { class: "card" }, frame, words, facts, line);
}

/** Fills the form with the recipe of a picture. */
async function againWith(sha256) {
  try {
    const { recipe } = await ask(`${address(sha256)}/recipe`);
    if (!recipe) throw new Failed(404, { message: "nobody knows how this picture was made" });
    if ($("view").open) $("view").close();
    await again(recipe);
    tell("The form has the recipe.");
  } catch (error) {
    complain(sentence(error.message));
  }
}

let shown = null;
/** Shows one picture whole, with all that is known of it. */
async function view(job, group) {
  shown = { job, group: group.filter(hash) };
  const sha256 = hash(job);
  const image = make("img", { id: "view-image", alt: job.prompt });
  $("view-image").replaceWith(image);
  $("view-gone").hidden = true;
  const offer = (isThere) => { $("view-from").disabled = !isThere; $("view-file").hidden = !isThere; };
  offer(true);
  const gone = () => {
    if (hash(shown.job) !== sha256) return;
    offer(false);
    image.hidden = true;
    $("view-gone").hidden = false;
    $("view-gone").textContent = "The file is gone, or was replaced.";
  };
  show(image, sha256, null, gone);
  $("view-prompt").textContent = job.prompt;
  $("view-note").textContent = isSketch(job.model) ? `${SKETCH}: drawn on this machine.` : "";
  $("view-recipe").textContent = "";
  const facts = [["model", job.model], ["cost", costOf(job)]];
  if (job.timing?.total_ms) facts.push(["took", took(job.timing.total_ms)]);
  if (job.images[0].width) facts.push(["size", `${job.images[0].width} × ${job.images[0].height}`]);
  if (job.style) facts.push(["style", job.style]);
  if (job.seed !== null && job.seed !== undefined) facts.push(["seed", String(job.seed)]);
  if (job.tags?.length) facts.push(["tags", job.tags.join(", ")]);
  if (job.verdict) facts.push(["verdict", job.verdict]);
  if (job.t) facts.push(["made", moment(job.t)]);
  for (const one of job.adjustments ?? []) facts.push(["adjusted", adjusted(one)]);
  facts.push(["job", job.id]);
  const list = (all) => $("view-facts").replaceChildren(...all.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  list(facts);
  fileLink(sha256);
  for (const button of $("view").querySelectorAll("[data-step]")) button.disabled = shown.group.length < 2;
  if (!$("view").open) $("view").showModal();
  try {
    const told = await ask(`${address(sha256)}/recipe`);
    if (hash(shown.job) !== sha256) return;
    $("view-recipe").textContent = JSON.stringify(told.recipe, null, 2);
    if (told.recipe?.colors?.length) list([...facts, ["colours", told.recipe.colors.join(" ")]]);
  } catch (error) {
    $("view-recipe").textContent = error.message;
  }
}

/** Who has a key cannot follow a mere link. */
async function fileLink(sha256) {
  const link = $("view-file");
  link.href = address(sha256);
  link.onclick = !key ? null : async (event) => {
    event.preventDefault();
    try { open(await source(address(sha256)), "_blank", "noopener"); } catch (error) { complain(sentence(error.message)); }
  };
}

function step(by) {
  const { job, group } = shown;
  const at = group.findIndex((one) => one.id === job.id);
  const next = group[(at + by + group.length) % group.length];
  if (next) view(next, group);
}

/** Takes a picture into the two that are compared, or out of them. */
function pick(job, isIn) {
  gallery.duel = gallery.duel.filter((one) => hash(one) !== hash(job));
  if (isIn) gallery.duel = [...gallery.duel.slice(-1), job];
  drawDuel();
  for (const [at, box] of [...$("cards").querySelectorAll("input[type=checkbox]")].entries()) {
    box.checked = gallery.duel.some((one) => hash(one) === hash(gallery.entries.filter(hash)[at]));
  }
}

const isFair = ([one, other]) => one && other && one.prompt.trim() === other.prompt.trim();

function drawDuel() {
  const count = gallery.duel.length;
  $("duel-bar").hidden = count === 0;
  $("duel-go").disabled = !isFair(gallery.duel);
  $("duel-said").textContent = count === 1 ? "One more of the same prompt, and you can say which is better."
    : isFair(gallery.duel) ? "Two pictures of one prompt." : "These two show different prompts: choose two of the same.";
}

/** Shows two pictures side by side and takes a verdict. */
function duel(jobs) {
  const dialog = $("duel");
  $("duel-head").textContent = jobs[0].prompt;
  $("duel-told").textContent = "";
  const vote = async (best) => {
    try {
      await ask("/api/votes", { method: "POST", json: { images: jobs.map(hash), best } });
      const at = jobs.findIndex((job) => hash(job) === best);
      const text = at < 0 ? (best === "tie" ? "Noted: both are equal." : "Noted: neither is any good.") : `Noted: ${at === 0 ? "the first" : "the second"}, ${jobs[at].model}.`;
      $("duel-told").textContent = text;
      tell(text);
      gallery.duel = [];
      stale.gallery = true;
      setTimeout(() => { if (dialog.open) dialog.close(); }, 1200);
    } catch (error) {
      $("duel-told").replaceChildren(...complaint(error));
    }
  };
  const one = (job, at) => make("figure", {}, show(make("img", { alt: `${at === 0 ? "First" : "Second"} picture` }), hash(job), 1024), make("button", { type: "button", class: "main", onclick: () => vote(hash(job)) }, at === 0 ? "The first is better" : "The second is better"));
  $("duel-images").replaceChildren(...jobs.map(one));
  for (const button of dialog.querySelectorAll("[data-best]")) button.onclick = () => vote(button.dataset.best);
  dialog.onclose = () => { drawDuel(); if (stale.gallery && !$("gallery").hidden) loadGallery(); };
  dialog.showModal();
}

/** The newest pictures, where nothing was made yet since the page was loaded. */
async function loadLately() {
  const { entries } = await logged("limit=12");
  const made = entries.filter(hash).slice(0, 8);
  if (made.length) {
    $("lately").replaceChildren(make("h2", {}, "Made lately"), make("div", { class: "cards" }, made.map((job) => card(job, made))));
    return;
  }
  const tries = ["a lighthouse at dusk", "a red fox in the snow", "a harbour at night"];
  const take = (text) => { $("prompt").value = text; $("prompt").focus(); estimateSoon(); };
  $("lately").replaceChildren(make("div", { class: "empty" },
    make("h2", {}, "What you make stands here."),
    make("p", {}, catalog.models.length > 1 ? "Describe a picture, look at its price, and make it." : "Without a provider’s key pinx draws a procedural sketch, which is not AI, at once and free. `pinx keys set`, and `pinx serve` started anew, brings the provider’s models."),
    make("p", {}, "Such as:"),
    make("p", { class: "tries" }, tries.map((text) => make("button", { type: "button", class: "small", onclick: () => take(text) }, text)))));
}

function bindGallery() {
  $("find").addEventListener("input", rested(250, () => { gallery.limit = 60; loadGallery(); }));
  $("shown").addEventListener("change", loadGallery);
  $("gallery-tools").addEventListener("submit", (event) => event.preventDefault());
  $("older").addEventListener("click", () => { gallery.limit += 120; loadGallery(); });
  $("duel-go").addEventListener("click", () => duel(gallery.duel));
  $("duel-clear").addEventListener("click", () => { gallery.duel = []; loadGallery(); $("find").focus(); });
  $("view-again").addEventListener("click", () => againWith(hash(shown.job)));
  $("view-from").addEventListener("click", () => { $("view").close(); startFrom(hash(shown.job)); });
  for (const button of $("view").querySelectorAll("[data-step]")) button.addEventListener("click", () => step(Number(button.dataset.step)));
  $("view").addEventListener("keydown", (event) => {
    if (["ArrowLeft", "ArrowRight"].includes(event.key) && shown.group.length > 1) step(event.key === "ArrowLeft" ? -1 : 1);
  });
}
