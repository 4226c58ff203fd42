// Statistics and budgets: what the log adds up to, as bars and columns.

/** The budgets that are set, and how much of them is in use. */
function drawBudgets(budget) {
  const one = (name, of) => {
    const used = of.limit - of.left;
    const part = of.limit ? used / of.limit : 1;
    const more = of.uncertain ? `, ${dollars(of.uncertain)} of it maybe billed` : of.reserved ? `, ${dollars(of.reserved)} of it reserved` : "";
    return make("div", { class: "budget", title: `${dollars(used)} of ${dollars(of.limit)} ${name}${more}` }, `${dollars(used)} of ${dollars(of.limit)} ${name}`, bar("gauge", part, part >= 0.9 ? "full" : ""));
  };
  const names = { day: "today", month: "this month" };
  $("budgets").replaceChildren(...Object.entries(names).filter(([period]) => budget[period]).map(([period, name]) => one(name, budget[period])));
}

/** Looks at the budgets again. */
async function budgets() {
  try { drawBudgets((await ask("/api/stats?since=today")).budget); } catch { /* told by whatever is asked next */ }
}

async function loadFigures() {
  const query = new URLSearchParams({ by: $("by").value });
  if ($("since").value) query.set("since", $("since").value);
  try {
    const said = await ask(`/api/stats?${query}`);
    stale.statistics = false;
    drawBudgets(said.budget);
    drawFigures(said);
  } catch (error) {
    $("figures").replaceChildren(make("div", { class: "empty" }, ...complaint(error)));
  }
}

function drawFigures(said) {
  if (!said.first) {
    $("figures").replaceChildren(make("p", { class: "empty" }, "Nothing was made in this time."));
    return;
  }
  $("figures").replaceChildren(...[sums(said), spentByDay(said), times(said), outcomes(said), tableOf(said)].flat().filter(Boolean));
}

/** The sums: name, figure, what it is made of. */
function sums({ total, open, budget }) {
  const all = [];
  const add = (name, value, more = "") => all.push(make("div", {}, make("dt", {}, name), make("dd", {}, value, more ? make("small", {}, more) : null)));
  const parts = [[total.reported, "as reported"], [total.estimated, "as estimated"], [total.uncertain, "maybe billed besides"]];
  const made = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${dollars(amount)} ${word}`);
  if (total.unpriced) made.push(`${counted(total.unpriced, "job")} at an unknown price`);
  add("Spent", dollars(total.spent), made.join(", "));
  add("Pictures", String(total.images), total.costPerImage ? `${dollars(total.costPerImage)} each` : "");
  if (total.successRate !== null) {
    const words = [[total.refused, "refused"], [total.failed, "failed"], [total.retries, "tried again"], [total.fallbacks, "fell back"]];
    add("Done", percent(total.successRate), words.filter(([count]) => count).map(([count, word]) => `${count} ${word}`).join(", "));
  }
  const time = wholeTime(total);
  if (time) add("Half took", took(time.p50), `95 % ${took(time.p95)}, 99 % ${took(time.p99)}`);
  if (total.cached) add("Saved by the cache", dollars(total.saved), counted(total.cached, "picture"));
  if (open.attempts) add("Open", String(open.attempts), `${dollars(open.reserved)} reserved`);
  for (const [period, name] of [["day", "for today"], ["month", "for this month"]]) {
    const of = budget[period];
    if (of) add(`Budget ${name}`, percent(of.limit ? Math.min(1, (of.limit - of.left) / of.limit) : 1), `${dollars(of.limit - of.left)} of ${dollars(of.limit)}`);
  }
  return make("dl", { class: "sums" }, all);
}

const wholeTime = (row) => Object.values(row.milliseconds ?? {})[0];

/** Every day between the first and the last, at most a year of them. */
function calendar(days, last) {
  const known = new Map(days.map((day) => [day.date, day]));
  const all = [];
  const [first] = days;
  for (let then = new Date(`${first.date}T12:00:00Z`), end = new Date(`${last}T12:00:00Z`); then <= end && all.length < 1000; then.setUTCDate(then.getUTCDate() + 1)) {
    const date = then.toISOString().slice(0, 10);
    all.push(known.get(date) ?? { date, spent: 0, by_provider: {}, images: 0, failed: 0 });
  }
  return all.slice(-366);
}

/** Columns of what every day cost; of pictures where nothing did. */
function spentByDay({ days, last }) {
  if (!days.length) return null;
  const all = calendar(days, last.slice(0, 10));
  const isMoney = all.some((day) => day.spent > 0);
  const providers = isMoney ? [...new Set(all.flatMap((day) => Object.keys(day.by_provider)))].filter((one) => all.some((day) => day.by_provider[one] > 0)) : [];
  const sum = (provider) => all.reduce((all, day) => all + (day.by_provider[provider] ?? 0), 0);
  providers.sort((one, other) => sum(other) - sum(one));
  const amounts = (day) => (isMoney ? providers.map((one) => day.by_provider[one] ?? 0) : [day.images]);
  const most = Math.max(...all.map((day) => amounts(day).reduce((a, b) => a + b, 0)), isMoney ? 1e-9 : 1);
  const places = all.length === 1 ? 7 : all.length;
  const pieces = all.flatMap((day, at) => {
    let top = 100;
    const stacked = amounts(day).flatMap((amount, series) => {
      if (!amount) return [];
      const height = Math.max(0.6, (amount / most) * 100);
      top -= height;
      return [[`s${Math.min(5, series)}`, at * 10 + 1, top, 8, height]];
    });
    return [["none", at * 10, 0, 10, 100, `${day.date}: ${isMoney ? `${dollars(day.spent)}, ` : ""}${counted(day.images, "picture")}`], ...stacked];
  });
  const word = (amount) => (isMoney ? dollars(amount) : String(Math.round(amount * 10) / 10));
  const ends = [...new Set([all[0].date, all.at(-1).date])];
  const plot = make("div", { class: "plot" }, make("div", { class: "scale" }, [most, most / 2, 0].map((amount) => make("span", {}, word(amount)))), drawing(places * 10, 100, pieces), make("div", { class: "ends" }, ends.map((end) => make("span", {}, end))));
  const legend = providers.length > 1 ? make("ul", { class: "key" }, providers.slice(0, 6).map((one, at) => make("li", { class: `s${at}` }, make("span", {}, at === 5 ? "others" : one)))) : null;
  return make("section", {}, make("h2", {}, isMoney ? "Spent a day" : "Pictures a day"), make("figure", {}, plot, legend));
}

const nameOf = (row) => row.name || "none";

/** How long half, 95 % and 99 % of them took, by group. */
function times({ rows, by }) {
  const timed = rows.filter(wholeTime).slice(0, 16);
  if (!timed.length) return null;
  const most = Math.max(...timed.map((row) => wholeTime(row).p99), 1);
  const item = (row) => {
    const time = wholeTime(row);
    const pieces = [["s0 p99", 0, 0, (time.p99 / most) * 1000, 10], ["s0 p95", 0, 0, (time.p95 / most) * 1000, 10], ["s0", 0, 0, Math.max(2, (time.p50 / most) * 1000), 10]];
    return make("li", {}, make("p", {}, make("span", {}, nameOf(row)), make("span", { class: "soft" }, `${took(time.p50)} · ${took(time.p95)} · ${took(time.p99)}`)), drawing(1000, 10, pieces));
  };
  const legend = make("ul", { class: "key" }, [["s0", "half"], ["s0 p95", "95 %"], ["s0 p99", "99 %"]].map(([look, word]) => make("li", { class: look }, make("span", {}, word))));
  return make("section", {}, make("h2", {}, `Time by ${by}`), legend, make("ul", { class: "bars" }, timed.map(item)));
}

/** What was done, refused and failed, by group. */
function outcomes({ rows, by }) {
  const kinds = [["done", "s2", "done"], ["refused", "s1", "refused"], ["failed", "s5", "failed"]];
  const tried = rows.filter((row) => row.done + row.refused + row.failed > 0).slice(0, 16);
  if (!tried.length) return null;
  const item = (row) => {
    const all = row.done + row.refused + row.failed;
    let left = 0;
    const pieces = kinds.filter(([name]) => row[name]).map(([name, look]) => {
      const wide = (row[name] / all) * 1000;
      left += wide;
      return [look, left - wide, 0, wide - (left < 999 ? 3 : 0), 10];
    });
    const words = kinds.filter(([name]) => row[name]).map(([name, , word]) => `${row[name]} ${word}`).join(", ");
    return make("li", {}, make("p", {}, make("span", {}, nameOf(row)), make("span", { class: "soft" }, words)), drawing(1000, 10, pieces));
  };
  const legend = make("ul", { class: "key" }, kinds.map(([, look, word]) => make("li", { class: look }, make("span", {}, word))));
  return make("section", {}, make("h2", {}, `What came of it, by ${by}`), legend, make("ul", { class: "bars" }, tried.map(item)));
}

/** All figures of the groups. */
function tableOf({ rows, by }) {
  const columns = [["pictures", (row) => row.images], ["spent", (row) => dollars(row.spent)], ["each", (row) => (row.costPerImage === null ? "–" : dollars(row.costPerImage))],
    ["done", (row) => (row.successRate === null ? "–" : percent(row.successRate))], ["half took", (row) => (wholeTime(row) ? took(wholeTime(row).p50) : "–")], ["cached", (row) => row.cached]];
  const head = make("tr", {}, make("th", { scope: "col" }, by), columns.map(([name]) => make("th", { scope: "col", class: "number" }, name)));
  const body = rows.slice(0, 500).map((row) => make("tr", {}, make("th", { scope: "row" }, nameOf(row)), columns.map(([, of]) => make("td", { class: "number" }, String(of(row))))));
  return make("section", {}, make("h2", {}, "Figures"), make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Figures" }, make("table", {}, make("thead", {}, head), make("tbody", {}, body))));
}

function bindFigures() {
  for (const id of ["by", "since"]) $(id).addEventListener("change", loadFigures);
  $("statistics-tools").addEventListener("submit", (event) => event.preventDefault());
}
