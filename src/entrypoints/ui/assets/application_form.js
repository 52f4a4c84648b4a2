// Reads the entries of the application form, and keeps them in this tab, encrypted with AES-GCM. The key is part of the
// page, and differs between users. Browsers offer encryption on HTTPS and localhost only; elsewhere nothing is kept.
const applicationForm = (() => {
  const slot = `application-draft:${location.pathname}${location.search}`;
  const bytes = (text) => new TextEncoder().encode(text);
  const encoded = (data) => btoa(String.fromCharCode(...new Uint8Array(data)));
  const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  let settings, key, kept;
  let saving = Promise.resolve();
  let active = false;

  const input = (id) => {
    const element = document.getElementById(`c${id}`);
    const typed = "input, select, textarea";
    return element?.matches(typed) ? element : element?.querySelector(typed);
  };
  const entries = () =>
    Object.fromEntries(
      Object.entries(settings.elements).map(([name, id]) => [name, early.get(name) ?? input(id)?.value ?? ""]),
    );
  const written = () => JSON.stringify({ id: settings.id, values: entries() });
  const cipher = (iv) => ({ name: "AES-GCM", iv, additionalData: bytes(slot) });

  async function save(draft) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt(cipher(iv), key, bytes(draft));
    if (active) sessionStorage.setItem(slot, `${encoded(iv)}.${encoded(sealed)}`);
  }

  function keep() {
    const draft = written();
    if (!active || draft === kept) return;
    kept = draft;
    saving = saving.then(() => save(draft));
  }

  async function restored() {
    const stored = sessionStorage.getItem(slot);
    if (!stored) return null;
    try {
      const [iv, sealed] = stored.split(".").map(decoded);
      const draft = await crypto.subtle.decrypt(cipher(iv), key, sealed);
      return JSON.parse(new TextDecoder().decode(draft));
    } catch {
      sessionStorage.removeItem(slot); // another user's, or encrypted with an earlier key of the service
      return null;
    }
  }

  // What is typed while the page connects can meet a change that the service makes, such as a suggestion: the page then
  // shows the change. The entry is newer, so it is typed again, unless a button was pressed after it.
  const early = new Map();
  function remember({ target }) {
    const name = Object.keys(settings.elements).find((each) => input(settings.elements[each]) === target);
    if (name) early.set(name, target.value);
  }
  function forget({ target }) {
    if (target.closest("button")) early.clear();
  }
  function repeatEarly() {
    document.removeEventListener("input", remember, true);
    document.removeEventListener("click", forget, true);
    const typed = [...early];
    early.clear();
    for (const [name, text] of typed) {
      const element = input(settings.elements[name]);
      if (!element || element.value === text) continue;
      element.value = text;
      element.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  async function until(condition) {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  function watch() {
    active = true;
    keep();
    document.addEventListener("input", keep);
    setInterval(keep, 250); // choices, and what the page itself enters
  }

  return {
    async start(given) {
      settings = given;
      document.addEventListener("input", remember, true);
      document.addEventListener("click", forget, true);
      await until(() => window.socket); // the page is drawn
      if (settings.focus && document.activeElement === document.body) input(Object.values(settings.elements)[0])?.focus();
      await until(() => window.socket.connected);
      setTimeout(repeatEarly, 300);
      if (!window.crypto?.subtle) return;
      const raw = Uint8Array.from(settings.key.match(/../g), (pair) => parseInt(pair, 16));
      key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
      const draft = await restored();
      if (!draft) return watch();
      settings.id = draft.id;
      emitEvent(settings.event, draft);
    },
    entries,
    current: () => ({ id: settings.id, values: entries() }),
    watch,
    renew(id) {
      settings.id = id;
    },
    discard() {
      active = false;
      sessionStorage.removeItem(slot);
    },
  };
})();
