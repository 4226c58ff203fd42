// The parts of the page by their names in the address, and how it all begins.

const PARTS = { create: null, gallery: loadGallery, models: listModels, statistics: loadFigures };

/** Shows the part that the address names. */
function goTo() {
  takeKey();
  const name = location.hash.slice(1) in PARTS ? location.hash.slice(1) : "create";
  const isNew = $(name).hidden;
  for (const part of Object.keys(PARTS)) $(part).hidden = part !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const heading = $(name).querySelector("h1").textContent;
  document.title = name === "create" ? "pinx" : `${heading} · pinx`;
  if (!isNew) return;
  PARTS[name]?.();
  scrollTo(0, 0);
  // A link may have led here: who reads goes on at its heading.
  if (document.activeElement?.closest?.("nav")) tell(heading);
}

async function begin() {
  bindModels();
  bindForm();
  bindGallery();
  bindFigures();
  setColors([]);
  addEventListener("hashchange", goTo);
  goTo();
  try {
    await loadModels("");
    fitToModel();
    await Promise.all([loadStyles(), loadLately(), budgets()]);
    await Promise.all(remembered.all().map(resume));
  } catch (error) {
    complain(`${sentence(error.message)}.`, { name: "Try again", run: () => location.reload() });
  }
}

begin();
