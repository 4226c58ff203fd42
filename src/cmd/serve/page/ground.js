"use strict";
// What all parts of the page use: elements, words for figures, what is told to who does not see.
// What comes from prompts and providers becomes text, never markup.

const $ = (id) => document.getElementById(id);

/** Makes an element: attributes, `on…` listeners, then children, texts among them. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A drawing of rectangles: its box, then `[class or colour, x, y, width, height, title]` each. */
function drawing(width, height, rectangles, attributes = {}) {
  const space = $("drawing").namespaceURI;
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  for (const [look, x, y, wide, high, title] of rectangles) {
    const piece = document.createElementNS(space, "rect");
    piece.setAttribute(look.startsWith("#") || look === "none" ? "fill" : "class", look);
    for (const [name, value] of [["x", x], ["y", y], ["width", Math.max(0, wide)], ["height", Math.max(0, high)]]) {
      piece.setAttribute(name, String(Math.round(value * 1000) / 1000));
    }
    if (title) {
      piece.setAttribute("pointer-events", "all");
      piece.append(Object.assign(document.createElementNS(space, "title"), { textContent: title }));
    }
    svg.append(piece);
  }
  return svg;
}

/** A bar that is filled to a part. */
function bar(name, part, more = "") {
  return make("div", { class: `${name} ${more}` }, drawing(100, 10, [["part", 0, 0, 100 * Math.min(1, Math.max(0, part)), 10]]));
}

/** Dollars: `$0.0132`, `$1.20`. */
function dollars(amount) {
  if (amount === null || amount === undefined) return "unknown";
  if (amount === 0) return "$0";
  if (amount >= 1) return `$${amount.toFixed(2)}`;
  const digits = amount < 0.01 ? Math.min(6, 1 - Math.floor(Math.log10(amount))) : 4;
  const text = amount.toFixed(digits).replace(/0+$/, "");
  return `$${text.padEnd(text.indexOf(".") + 3, "0")}`;
}

/** A price as people say it. */
const price = (amount) => (amount === 0 ? "free" : amount === null || amount === undefined ? "price unknown" : dollars(amount));

/** Milliseconds: `420 ms`, `8.2 s`, `2 min 5 s`. */
function took(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const percent = (part) => `${Math.round(part * 1000) / 10} %`;

/** A moment of the log, local. */
function moment(text) {
  const then = new Date(text);
  if (Number.isNaN(then.getTime())) return "";
  const isToday = then.toDateString() === new Date().toDateString();
  const time = then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return isToday ? time : `${then.toLocaleDateString()} ${time}`;
}

/** Tells those who do not see it. */
function tell(text) {
  $("told").textContent = text;
}

/** Says what is wrong above everything, with what can be done about it. */
function complain(text, action) {
  const banner = $("banner");
  const done = () => { banner.hidden = true; };
  const buttons = action ? [make("button", { type: "button", class: "small", onclick: () => { done(); action.run(); } }, action.name)] : [];
  banner.replaceChildren(make("span", {}, text), ...buttons, make("button", { type: "button", class: "small", onclick: done }, "Close"));
  banner.hidden = false;
  // Nobody sees it behind a dialog, or above what is seen.
  for (const dialog of document.querySelectorAll("dialog[open]")) if (dialog.id !== "ask-key") dialog.close();
  banner.scrollIntoView({ block: "nearest" });
}

/** Runs a function when nothing has happened for a while. */
function rested(milliseconds, work) {
  let timer;
  return (...all) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...all), milliseconds);
  };
}

for (const button of document.querySelectorAll("[data-close]")) {
  button.addEventListener("click", () => button.closest("dialog").close());
}
