// Asks the server: documents, events, pictures. A key, where one is wanted, stays in this tab.

class Failed extends Error {
  constructor(status, said) {
    super(said?.message || `the server answers ${status}`);
    Object.assign(this, { status, code: said?.code || "", hint: said?.hint || "" });
  }
}

const KEY = "pinx-key";
const kept = {
  get(name) { try { return sessionStorage.getItem(name); } catch { return null; } },
  set(name, value) { try { sessionStorage.setItem(name, value); } catch { /* then it lasts as long as the page */ } },
};
let key = kept.get(KEY);

/** Takes a key out of the address, where it must not stay. */
function takeKey() {
  const found = /^#key=(.+)$/.exec(location.hash);
  if (!found) return;
  try { key = decodeURIComponent(found[1]); } catch { key = found[1]; }
  kept.set(KEY, key);
  history.replaceState(null, "", location.pathname + location.search);
}
takeKey();

let asking = null;
/** Asks for a key; all that wait for it go on together. */
function askKey(wrong) {
  asking ??= new Promise((given) => {
    const dialog = $("ask-key");
    $("key-wrong").textContent = wrong;
    $("key").value = "";
    $("key-form").onsubmit = (event) => {
      event.preventDefault();
      key = $("key").value.trim();
      if (!key) return;
      kept.set(KEY, key);
      dialog.close();
    };
    dialog.onclose = () => { asking = null; given(); };
    dialog.showModal();
  });
  return asking;
}

/** Sends a request; the answer, whatever its status. */
async function send(path, { method = "GET", json, form, signal, cache = "no-store" } = {}) {
  for (;;) {
    const heads = {};
    if (json !== undefined) heads["Content-Type"] = "application/json";
    // A form needs one of any content where nobody has a key.
    if (key || form) heads.Authorization = `Bearer ${key || "page"}`;
    const used = key;
    let answer;
    try {
      answer = await fetch(path, { method, headers: heads, body: form ?? (json === undefined ? undefined : JSON.stringify(json)), signal, cache, credentials: "omit", redirect: "error" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Failed(0, { code: "unreachable", message: "the server does not answer", hint: "`pinx serve` may have ended" });
    }
    if (answer.status !== 401) return answer;
    // Another request may have got a key meanwhile.
    if (used === key) await askKey(used ? "This key is not known here." : "");
    if (used === key) throw new Failed(401, { code: "key_needed", message: "this server wants a key" });
  }
}

async function failure(answer) {
  let said = null;
  try { said = (await answer.json()).error; } catch { /* no words */ }
  return new Failed(answer.status, said);
}

/** A document. */
async function ask(path, options) {
  const answer = await send(path, options);
  if (!answer.ok) throw await failure(answer);
  return answer.json();
}

/** The events of an answer, `{id, kind, data}` each. */
async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    let end;
    while ((end = text.indexOf("\n\n")) >= 0) {
      const event = { id: 0, kind: "message", data: "" };
      for (const line of text.slice(0, end).split("\n")) {
        const at = line.indexOf(":");
        const [name, said] = [line.slice(0, at), line.slice(at + 1).replace(/^ /, "")];
        if (name === "id") event.id = Number(said);
        else if (name === "event") event.kind = said;
        else if (name === "data") event.data += said;
      }
      text = text.slice(end + 2);
      if (event.data) yield { ...event, data: JSON.parse(event.data) };
    }
  }
}

/** Where an image is. */
const address = (sha256, width) => `/api/images/${encodeURIComponent(sha256)}${width ? `?w=${width}` : ""}`;

const near = new IntersectionObserver((all) => {
  for (const { isIntersecting, target } of all) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    target.load?.();
  }
}, { rootMargin: "400px" });

/** The address of a picture for an element: with a key its bytes, since an element sends none. */
async function source(path) {
  if (!key) return path;
  const answer = await send(path, { cache: "default" });
  if (!answer.ok) throw await failure(answer);
  return URL.createObjectURL(await answer.blob());
}

/** Shows an image when it comes near what is seen; whole where it cannot be made small. */
function show(image, sha256, width, gone) {
  const fill = async (path) => {
    const from = await source(path);
    await new Promise((done, failed) => {
      image.onload = done;
      image.onerror = failed;
      image.src = from;
    });
    if (from.startsWith("blob:")) URL.revokeObjectURL(from);
  };
  image.load = () => fill(address(sha256, width)).catch(() => fill(address(sha256))).catch(() => gone?.());
  near.observe(image);
  return image;
}

/** The names of models; filled by the table of models. */
const names = new Map();
const isSketch = (model) => model === "pinx/sketch";
const SKETCH = "Procedural sketch, not AI";
