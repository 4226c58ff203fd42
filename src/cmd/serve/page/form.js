// The form: what is wanted, what exactly that costs, and off it goes.

const wanted = { style: "", colors: [], pictures: [], known: { styles: [], palettes: [] }, priced: null, agreed: null };

const HEX = /^#?[0-9a-f]{6}$/i;

/** What the form asks for, by the names of the API. */
function asked() {
  const body = {};
  const put = (name, value) => { if (value !== "" && value !== null && value !== undefined) body[name] = value; };
  put("prompt", $("prompt").value.trim());
  put("model", $("model").value);
  const size = $("size").value === "other" ? $("size-other").value.trim() : $("size").value;
  put(/^[\d.]+:[\d.]+$/.test(size) ? "aspect" : "size", size);
  const count = $("count").value;
  if (count && Number(count) !== 1) body.n = Number(count);
  put("styleId", wanted.style);
  if (wanted.colors.length) body.colors = wanted.colors;
  const seed = $("seed").value.trim();
  if (seed) body.seed = /^\d+$/.test(seed) ? Number(seed) : seed;
  for (const name of ["quality", "format", "background"]) put(name, $(name).value);
  put("negative", $("negative").value.trim());
  const tags = $("tags").value.split(",").map((tag) => tag.trim()).filter(Boolean);
  if (tags.length) body.tags = tags;
  if ($("partials").checked) Object.assign(body, { stream: true, partials: 2 });
  const made = wanted.pictures.filter((picture) => picture.sha256).map((picture) => picture.sha256);
  if (made.length) body.images = made;
  return body;
}

/** The same as a request: a form where files come with it. */
function request(body) {
  const files = wanted.pictures.filter((picture) => picture.file);
  if (!files.length) return { method: "POST", json: body };
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (Array.isArray(value)) for (const one of value) form.append(`${name}[]`, one);
    else form.append(name, String(value));
  }
  for (const { file } of files) form.append("image[]", file, file.name || "picture.png");
  return { method: "POST", form };
}

let pricing = null;
/** Asks what exactly this would cost, and shows it. */
async function estimate() {
  pricing?.abort();
  const body = asked();
  if (!body.prompt) {
    wanted.agreed = null;
    $("make").textContent = "Make it";
    showPrice(make("span", { class: "soft" }, "Its price stands here before anything is sent."));
    return;
  }
  const mine = new AbortController();
  pricing = mine;
  try {
    const said = await ask("/api/estimate", { ...request(body), signal: mine.signal });
    if (mine !== pricing) return;
    wanted.priced = { key: JSON.stringify(body) + wanted.pictures.length, said };
    showEstimate(said);
  } catch (error) {
    if (error.name !== "AbortError" && mine === pricing) showPrice(...complaint(error));
  }
}
const estimateRested = rested(300, estimate);
function estimateSoon() {
  wanted.priced = null;
  $("price").setAttribute("data-old", "");
  estimateRested();
}

function showPrice(...parts) {
  $("make").disabled = false;
  $("price").removeAttribute("data-old");
  $("price").replaceChildren(...parts.flat());
}

/** What helps, unless only who starts the server can do it. */
const hintOf = (error) => (error?.hint && !/`-{1,2}[a-z]|PINX_|fallback_on/.test(error.hint) ? error.hint : "");

/** What is wrong and what helps, without what only the command line has. */
function complaint(error) {
  const hint = hintOf(error);
  return [make("p", { class: "alarm" }, sentence(error.message)), ...(hint ? [make("p", { class: "help" }, sentence(hint))] : [])];
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function showEstimate(said) {
  wanted.agreed = said.at_most;
  const exact = said.at_most === said.expected;
  const sum = said.expected === null ? "at a price that nobody knows"
    : said.expected === 0 ? "Free"
    : exact ? dollars(said.expected) : `about ${dollars(said.expected)}, at most ${dollars(said.at_most)}`;
  const models = [...new Set(said.jobs.map((job) => names.get(job.model) ?? job.model))].join(", ");
  const cached = said.jobs.filter((job) => job.is_cached).length;
  const told = [];
  const add = (text) => { if (!told.includes(text)) told.push(text); };
  if (cached) add(`${counted(cached, "picture is", "pictures are")} in the cache and cost${cached === 1 ? "s" : ""} nothing`);
  for (const job of said.jobs) for (const one of job.adjustments) add(adjusted(one));
  said.notices.forEach((notice) => { if (!/not AI/.test(notice)) add(notice); });
  const sketch = said.jobs.some((job) => isSketch(job.model));
  const parts = [make("p", {}, make("span", { class: "sum" }, sum), " ", make("span", { class: "soft" }, `${counted(said.images, "picture")} by ${models}`))];
  if (sketch) parts.push(make("p", { class: "sketch" }, `${SKETCH}: drawn on this machine.`));
  if (said.refusal) parts.push(...complaint(said.refusal));
  if (told.length) parts.push(make("ul", {}, told.map((text) => make("li", {}, sentence(text)))));
  showPrice(...parts);
  $("make").disabled = Boolean(said.refusal);
  const cost = said.expected ? ` · ${said.at_most === null ? "unknown price" : `${exact ? "" : "up to "}${dollars(said.at_most)}`}` : "";
  $("make").textContent = `${said.images === 1 ? "Make it" : `Make ${said.images} pictures`}${cost}`;
}

/** What is not exactly as asked, in words. */
const adjusted = (one) => `${one.field} ${one.asked} → ${one.got}: ${one.why}`;

/** Sends what the form asks for, at most for the price that was shown. */
async function submit(event) {
  event.preventDefault();
  const body = asked();
  if (!body.prompt) {
    $("prompt").setAttribute("aria-invalid", "true");
    showPrice(make("p", { class: "alarm" }, "Describe the picture first."));
    $("prompt").focus();
    return;
  }
  const agreed = wanted.agreed;
  if (wanted.priced?.key !== JSON.stringify(body) + wanted.pictures.length) {
    await estimate();
    if (!wanted.priced) return;
    // What was not seen is not agreed to: it may cost what the button said, or nothing.
    const now = wanted.priced.said.at_most;
    if (now !== 0 && (now === null || agreed === null || now > agreed)) {
      const text = `It costs ${now === null ? "what nobody knows" : `up to ${dollars(now)}`}: press again to agree.`;
      $("price").prepend(make("p", { class: "alarm" }, text));
      return;
    }
  }
  if (wanted.priced.said.refusal) return;
  const limit = wanted.priced.said.at_most;
  const whole = { ...body, stream: true };
  if (limit !== null) whole.maxCost = limit;
  run(body.prompt, request(whole));
  if (matchMedia("(max-width: 60rem)").matches) $("runs").scrollIntoView({ block: "start" });
}

/** Sizes and qualities of the model that is chosen. */
function fitToModel() {
  const model = chosen();
  const about = $("model-about");
  if (!model) about.textContent = "";
  else if (isSketch(model.id)) about.textContent = `${$("model").value ? "" : "Now: "}procedural sketch, not AI. Drawn on this machine at once, free.`;
  else about.textContent = [model.description, state(model) === "available" ? "" : state(model)].filter(Boolean).join("; ");
  const size = $("size");
  const before = size.value;
  const sizes = [...new Set([...(model?.supportedSizes ?? []), "1:1", "3:2", "16:9", "9:16"])];
  const usual = model?.costFor?.size && !size.value ? `usual (${model.costFor.size})` : "usual";
  size.replaceChildren(make("option", { value: "" }, usual), ...sizes.map((one) => make("option", { value: one }, one)), make("option", { value: "other" }, "another…"));
  setSize(before === "other" ? $("size-other").value : before);
  const quality = $("quality");
  const had = quality.value;
  quality.replaceChildren(make("option", { value: "" }, "usual"), ...(model?.qualities ?? []).map((one) => make("option", {}, one)));
  quality.value = [...quality.options].some((option) => option.value === had) ? had : "";
  quality.disabled = quality.options.length === 1;
}

function setSize(text) {
  const select = $("size");
  const isListed = [...select.options].some((option) => option.value === text);
  select.value = isListed ? text : "other";
  $("size-other").hidden = select.value !== "other";
  if (!isListed) $("size-other").value = text;
}

async function loadStyles() {
  wanted.known = await ask("/api/styles");
  drawStyles();
  $("palettes").replaceChildren(...wanted.known.palettes.map((palette) => {
    const { id, colors } = palette;
    const patches = drawing(colors.length, 1, colors.map((color, at) => [color, at, 0, 1, 1]));
    return make("button", { type: "button", "aria-label": `Palette ${id}`, onclick: () => setColors(colors) }, patches, id);
  }));
}

function drawStyles() {
  const words = $("style-find").value.toLowerCase().trim();
  const has = (style) => `${style.id} ${style.name} ${style.description}`.toLowerCase().includes(words);
  const known = [{ id: "", name: "None", description: "as the prompt says" }, ...wanted.known.styles].filter(has);
  const one = (style) => {
    const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
    if (style.sketch) {
      const image = make("img", { alt: "" });
      image.load = async () => { try { image.src = await source(`/api/styles/${encodeURIComponent(style.id)}/sample`); } catch { image.remove(); } };
      near.observe(image);
      swatch.append(image);
    } else swatch.append(style.id ? "AI only" : "–");
    const radio = make("input", { type: "radio", name: "style", value: style.id, checked: wanted.style === style.id, onchange: () => setStyle(style.id) });
    return make("label", { title: style.description }, radio, swatch, make("span", {}, style.name));
  };
  $("styles").replaceChildren(...known.map(one));
  if (!known.length) $("styles").append(make("p", { class: "soft" }, "No style is like that."));
}

function setStyle(id) {
  wanted.style = id || "";
  const style = wanted.known.styles.find((known) => known.id === id);
  $("style-name").textContent = style?.name ?? (id || "none");
  for (const radio of $("styles").querySelectorAll("input")) radio.checked = radio.value === wanted.style;
  estimateSoon();
}

function setColors(colors) {
  wanted.colors = colors.filter((color) => HEX.test(color)).map((color) => color.toUpperCase().replace(/^#?/, "#"));
  const list = wanted.colors;
  $("colors-name").textContent = list.length ? list.join(" ") : "any";
  $("colors").replaceChildren(...list.map((color, at) => {
    const patch = make("span", { class: "patch" }, drawing(1, 1, [[color, 0, 0, 1, 1]], { class: "patch" }));
    const remove = () => setColors(list.filter((_, other) => other !== at));
    return make("button", { type: "button", onclick: remove, "aria-label": `Remove ${color}` }, patch, color, make("span", { "aria-hidden": "true" }, "×"));
  }));
  estimateSoon();
}

function addFiles(files) {
  const images = [...files].filter((file) => file.type.startsWith("image/"));
  if (images.length < files.length) complain(images.length ? "What is no picture was left out." : "That is no picture.");
  wanted.pictures.push(...images.map((file) => ({ file, shown: URL.createObjectURL(file) })));
  if (images.length) tell(`${counted(images.length, "picture")} added`);
  drawPictures();
}

function drawPictures() {
  $("pictures").replaceChildren(...wanted.pictures.map((picture, at) => {
    const name = picture.file?.name || `picture ${at + 1}`;
    const image = make("img", { alt: name });
    if (picture.shown) image.src = picture.shown;
    else show(image, picture.sha256, 192);
    const remove = () => {
      if (picture.shown) URL.revokeObjectURL(picture.shown);
      wanted.pictures.splice(at, 1);
      drawPictures();
    };
    return make("li", {}, image, make("button", { type: "button", onclick: remove, "aria-label": `Remove ${name}` }, "Remove"));
  }));
  estimateSoon();
}

/** Has the form start from a picture of the log. */
function startFrom(sha256) {
  if (!wanted.pictures.some((picture) => picture.sha256 === sha256)) wanted.pictures.push({ sha256 });
  drawPictures();
  location.hash = "#create";
  $("prompt").focus();
  $("prompt").select();
}

/** Fills the form with a recipe. */
async function again(recipe) {
  $("prompt").value = recipe.prompt ?? "";
  choose(recipe.model);
  fitToModel();
  setSize(recipe.size ?? recipe.aspect ?? "");
  $("count").value = 1;
  $("seed").value = recipe.seed ?? "";
  $("negative").value = recipe.negative ?? "";
  for (const name of ["quality", "background"]) {
    const select = $(name);
    const value = recipe[name] ?? "";
    select.value = [...select.options].some((option) => option.value === value) ? value : "";
  }
  $("format").value = "";
  setStyle(recipe.style ?? "");
  setColors(recipe.colors ?? []);
  $("more-fold").open = Boolean(recipe.seed !== undefined && recipe.seed !== null || recipe.negative);
  const from = (recipe.inputs ?? []).map((input) => input.sha256).filter(Boolean);
  const here = await Promise.all(from.map(async (sha256) => (await send(`${address(sha256)}?w=32`)).ok));
  wanted.pictures = from.filter((_, at) => here[at]).map((sha256) => ({ sha256 }));
  drawPictures();
  if (here.includes(false)) complain("It was made from a picture that pinx did not make: drop it here again.");
  location.hash = "#create";
  $("prompt").focus();
}

function bindForm() {
  const form = $("form");
  form.addEventListener("submit", submit);
  form.addEventListener("input", () => { $("prompt").removeAttribute("aria-invalid"); estimateSoon(); });
  $("prompt").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  $("model").addEventListener("change", () => { fitToModel(); estimateSoon(); });
  $("size").addEventListener("change", () => {
    $("size-other").hidden = $("size").value !== "other";
    if ($("size").value === "other") $("size-other").focus();
    repriceModels();
  });
  $("size-other").addEventListener("change", repriceModels);
  $("style-find").addEventListener("input", drawStyles);
  $("style-find").addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  $("color-add").addEventListener("click", () => setColors([...wanted.colors, $("color").value]));
  $("color-clear").addEventListener("click", () => setColors([]));
  $("choose").addEventListener("click", () => $("files").click());
  $("files").addEventListener("change", () => { addFiles($("files").files); $("files").value = ""; });
  bindDrops();
}

/** The prices in the list of models are those of the size that is wanted. */
async function repriceModels() {
  const { size, aspect } = asked();
  try { await loadModels(size ?? aspect ?? ""); } catch { /* the price before the button says what is wrong */ }
  fitToModel();
}

function bindDrops() {
  const has = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  let depth = 0;
  const over = (isOver) => { $("over").hidden = !isOver; };
  addEventListener("dragenter", (event) => { if (has(event)) { depth += 1; over(true); event.preventDefault(); } });
  addEventListener("dragleave", (event) => { if (has(event)) { depth = Math.max(0, depth - 1); over(depth > 0); } });
  addEventListener("dragover", (event) => { if (has(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!has(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    location.hash = "#create";
    addFiles(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    location.hash = "#create";
    addFiles(files);
  });
}
