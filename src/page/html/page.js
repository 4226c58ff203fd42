"use strict";
(() => {
  const all = [...document.querySelectorAll(".card")];
  const main = document.querySelector("main");
  const tools = document.querySelector(".tools");
  const [find, order] = tools.querySelectorAll("input, select");
  const count = tools.querySelector("output");
  const words = new Map(all.map((card) => [card, [...card.querySelectorAll(".missing, .about")].map((one) => one.textContent).join(" ").toLowerCase()]));
  const seen = () => all.filter((card) => !card.hidden);
  const number = (card, key) => (key in card.dataset ? Number(card.dataset[key]) : Infinity);

  find.addEventListener("input", () => {
    const wanted = find.value.toLowerCase().split(/\s+/);
    for (const card of all) card.hidden = !wanted.every((word) => words.get(card).includes(word));
    count.textContent = find.value.trim() ? `${seen().length} of ${all.length}` : "";
  });
  const rows = [...document.querySelectorAll(".row")];
  find.addEventListener("input", () => {
    for (const row of rows) row.hidden = !row.querySelector(".card:not([hidden])");
  });
  for (const row of rows) {
    const heading = row.querySelectorAll(":scope > h2, :scope > .prompt p");
    const said = [...heading].map((one) => one.textContent).join(" ").toLowerCase();
    for (const card of row.querySelectorAll(".card")) words.set(card, `${said} ${words.get(card)}`);
  }

  // A page from the disk may have no clipboard: then the command is selected, to be copied by hand.
  const byHand = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byHand(text);
    }
  };
  for (const votes of document.querySelectorAll(".votes")) votes.hidden = false;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const text = button.dataset.copy;
      const told = button.closest(".votes").querySelector("output");
      const code = document.createElement("code");
      code.textContent = text;
      told.replaceChildren((await copy(text)) ? "Copied; paste it into a terminal: " : "Type this into a terminal: ", code);
    });
  }

  const original = [...all];
  order.addEventListener("change", () => {
    const key = order.value;
    all.sort((a, b) => {
      const difference = key ? number(a, key) - number(b, key) : 0;
      return difference || original.indexOf(a) - original.indexOf(b);
    });
    main.append(...all);
  });
  if (all.length > 5) tools.hidden = false;

  const dialog = document.querySelector("dialog");
  const large = dialog.querySelector("img");
  const title = dialog.querySelector("figcaption span");
  const link = dialog.querySelector("figcaption a");
  const steps = dialog.querySelectorAll("[data-step]");
  const shown = () => seen().filter((card) => card.querySelector("img"));
  let current;
  const show = (card) => {
    const small = card.querySelector("img");
    if (!small) return;
    current = card;
    large.alt = small.alt;
    large.onerror = () => { large.onerror = null; large.src = small.src; };
    const file = card.querySelector("a.picture");
    large.src = file ? file.href : small.src;
    link.hidden = !file;
    if (file) link.href = file.href;
    title.textContent = [...new Set([...card.querySelectorAll("h2, h3, .label")].map((one) => one.textContent))].join(" · ");
    for (const button of steps) button.hidden = shown().length < 2;
    if (!dialog.open) dialog.showModal();
  };
  const step = (by) => {
    const cards = shown();
    show(cards[(cards.indexOf(current) + by + cards.length) % cards.length]);
  };
  main.addEventListener("click", (event) => {
    const picture = event.target.closest(".picture");
    if (!picture || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const card = picture.closest(".card");
    if (!card.querySelector("img")) return;
    event.preventDefault();
    show(card);
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  // What is drawn of the picture may be less than its element.
  const isBeside = (event) => {
    const box = large.getBoundingClientRect();
    const scale = Math.min(box.width / large.naturalWidth, box.height / large.naturalHeight);
    return Math.abs(event.clientX - (box.left + box.right) / 2) > (large.naturalWidth * scale) / 2
      || Math.abs(event.clientY - (box.top + box.bottom) / 2) > (large.naturalHeight * scale) / 2;
  };
  dialog.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.dataset.step) step(Number(button.dataset.step));
    else if (button || (event.target === large && isBeside(event))) dialog.close();
  });
  dialog.addEventListener("close", () => current.querySelector(".picture").focus());
})();
