// Models: the table, and the choice in the form.

const catalog = { models: [], auto: null, total: 0 };

/** Seconds that one image takes, for sorting. */
const seconds = (model) => (model.estimatedSeconds ? model.estimatedSeconds[0] : null);

const COLUMNS = [
  { name: "model", of: (model) => model.name.toLowerCase() },
  { name: "price", number: true, of: (model) => model.costPerImage },
  { name: "time", number: true, of: seconds },
  { name: "can", of: (model) => -model.abilities.length },
  { name: "availability", of: (model) => `${model.isAvailable ? 0 : 1}${state(model)}` },
];
const order = { column: null, down: false };

/** What is to be known of whether it can be used. */
function state(model) {
  const { life } = model;
  if (life.state === "retired") return life.shutdown ? `retired ${life.shutdown}` : "retired";
  if (!model.isAvailable) return "no key";
  if (model.no_access) return `no access: ${model.no_access.why}`;
  if (life.shutdown) return `until ${life.shutdown}`;
  return life.state === "deprecated" ? "deprecated" : "available";
}

const priceOf = (model) => {
  const amount = model.costPerImage;
  return amount === null ? "unknown" : amount === 0 ? "free" : `${model.costCertainty === "about" ? "~" : ""}${dollars(amount)}`;
};

const timeOf = (model) => (model.estimatedTime === "unknown" ? "–" : model.estimatedTime);

function tableHead() {
  const cells = COLUMNS.map((column, at) => {
    const isIt = order.column === at;
    const turn = () => {
      if (order.column !== at) Object.assign(order, { column: at, down: false });
      else if (!order.down) order.down = true;
      else Object.assign(order, { column: null, down: false });
      table();
      $("models-table").querySelectorAll("th button")[at].focus();
    };
    const arrow = isIt ? (order.down ? "↓" : "↑") : "";
    const button = make("button", { type: "button", onclick: turn }, column.name, make("span", { "aria-hidden": "true" }, arrow));
    const sorted = isIt ? (order.down ? "descending" : "ascending") : null;
    return make("th", { scope: "col", class: column.number ? "number" : null, "aria-sort": sorted }, button);
  });
  $("models-table").tHead.rows[0].replaceChildren(...cells);
}

function sorted(models) {
  const column = COLUMNS[order.column];
  if (!column) return models;
  const sign = order.down ? -1 : 1;
  return [...models].sort((one, other) => {
    const [a, b] = [column.of(one), column.of(other)];
    // What is not known comes last, whichever way.
    if (a === null || b === null) return (a === null) - (b === null);
    return a < b ? -sign : a > b ? sign : 0;
  });
}

function tableRow(model) {
  const choose = () => { location.hash = "#create"; $("model").value = model.id; $("model").dispatchEvent(new Event("change")); $("prompt").focus(); };
  const marks = [
    model.is_auto ? make("span", { class: "mark", title: "what `auto` takes now" }, "auto") : null,
    isSketch(model.id) ? make("span", { class: "mark" }, "not AI") : null,
  ];
  const use = model.isAvailable ? make("button", { type: "button", class: "small", onclick: choose, "aria-label": `Use ${model.name}` }, "Use") : null;
  return make("tr", { class: model.isAvailable ? null : "off" },
    make("td", {}, make("span", { class: "id" }, model.id), ...marks, make("span", { class: "soft" }, model.description)),
    make("td", { class: "number", title: model.costFor.size ? `for ${model.costFor.size}${model.costFor.quality ? `, ${model.costFor.quality}` : ""}` : null }, priceOf(model)),
    make("td", { class: "number", title: model.timeSource === "measured" ? "measured here" : "as its maker says" }, timeOf(model)),
    make("td", {}, model.abilities.join(", ") || "–"),
    make("td", {}, state(model), " ", use));
}

/** Draws the table of what is listed and found. */
function table() {
  tableHead();
  const words = $("models-find").value.toLowerCase().split(/\s+/);
  const has = (model) => words.every((word) => `${model.id} ${model.name} ${model.description} ${model.abilities.join(" ")}`.toLowerCase().includes(word));
  const found = sorted(catalog.shown ?? []).filter(has);
  $("models-table").tBodies[0].replaceChildren(...found.map(tableRow));
  $("models-found").textContent = found.length ? `${counted(found.length, "model")}, price of one image` : "No model is like that.";
}

/** Asks for the models of the table. */
async function listModels() {
  const query = new URLSearchParams();
  if ($("models-all").checked) query.set("all", "1");
  if ($("models-size").value) query.set("size", $("models-size").value);
  try {
    catalog.shown = (await ask(`/api/models?${query}`)).models;
    table();
  } catch (error) {
    $("models-found").textContent = error.message;
  }
}

/** Asks for what can be chosen, priced for the size that is wanted. */
async function loadModels(size) {
  const { models, auto } = await ask(`/api/models${size ? `?size=${encodeURIComponent(size)}` : ""}`);
  Object.assign(catalog, { models, auto });
  for (const model of models) names.set(model.id, model.name);
  const select = $("model");
  const before = select.value;
  const option = (model) => make("option", { value: model.id }, `${model.name} · ${priceOf(model)}${timeOf(model) === "–" ? "" : ` · ${timeOf(model)}`}`);
  const providers = [...new Set(models.map((model) => model.provider))];
  const groups = providers.map((provider) => make("optgroup", { label: provider === "pinx" ? "drawn on this machine, not AI" : provider }, models.filter((model) => model.provider === provider && model.isAvailable).map(option)));
  const taken = names.get(auto) ?? auto;
  select.replaceChildren(make("option", { value: "" }, auto ? `auto · now ${taken}` : "auto"), ...groups.filter((group) => group.children.length));
  choose(before);
}

/** Chooses a model, also one that is not listed. */
function choose(id) {
  const select = $("model");
  if (id && ![...select.options].some((option) => option.value === id)) select.append(make("option", { value: id }, id));
  select.value = id || "";
}

/** The model that the form means, as far as it is known. */
const chosen = () => catalog.models.find((model) => model.id === ($("model").value || catalog.auto));

function bindModels() {
  const sizes = ["1024x1024", "1536x1024", "1024x1536", "2048x2048", "16:9", "512x512"];
  $("models-size").replaceChildren(make("option", { value: "" }, "usual size"), ...sizes.map((size) => make("option", {}, size)));
  for (const id of ["models-all", "models-size"]) $(id).addEventListener("change", listModels);
  $("models-find").addEventListener("input", table);
  $("models-tools").addEventListener("submit", (event) => event.preventDefault());
}
