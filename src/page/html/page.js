"use strict";
(() => {
  const all = [...document.querySelectorAll(".card")];
  const main = document.querySelector("main");
  const tools = document.querySelector(".tools");
  const [find, order] = tools.querySelectorAll("input, select");
  const count = tools.querySelector("output");
  const words = new Map(all.map((card) => [card, card.querySelector(".about").textContent.toLowerCase()]));
  const seen = () => all.filter((card) => !card.hidden);
  const number = (card, key) => (key in card.dataset ? Number(card.dataset[key]) : Infinity);

  find.addEventListener("input", () => {
    const wanted = find.value.toLowerCase().split(/\s+/);
    for (const card of all) card.hidden = !wanted.every((word) => words.get(card).includes(word));
    count.textContent = find.value.trim() ? `${seen().length} of ${all.length}` : "";
  });
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
    title.textContent = [...new Set([...card.querySelectorAll("h2, .label")].map((one) => one.textContent))].join(" · ");
    if (!dialog.open) dialog.showModal();
  };
  const step = (by) => {
    const cards = seen().filter((card) => card.querySelector("img"));
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
  dialog.addEventListener("click", (event) => {
    if (!event.target.closest("a")) dialog.close();
  });
})();
