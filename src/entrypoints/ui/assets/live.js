// Live pages: keys for their buttons, polls while the page is visible, and a focus that redrawing does not lose.
const livePage = (() => {
  const OFF = "page-keys";
  const typing = "input, textarea, select, [contenteditable=true]";
  let lastActivity = Date.now();
  let focused = "";

  const stored = () => {
    try {
      return localStorage.getItem(OFF);
    } catch {
      return null; // storage is disabled
    }
  };
  const showKeys = () => (document.documentElement.dataset.pageKeys = stored() === "off" ? "off" : "on");

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || stored() === "off") return;
    if (event.target.closest?.(typing) || document.querySelector("[aria-modal=true]")) return;
    const key = event.key.toLowerCase();
    if (!/^[a-z]$/.test(key)) return;
    const button = [...document.querySelectorAll(`[data-key=${key}]`)].find(
      (each) => each.checkVisibility() && !each.disabled,
    );
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  const nameOf = (element) => element?.closest?.("[data-focus]")?.dataset.focus ?? "";
  function keepFocus() {
    if (!focused || document.activeElement !== document.body) return;
    const element = document.querySelector(`[data-focus="${CSS.escape(focused)}"]`);
    if (element && !element.disabled) element.focus({ preventScroll: true });
  }

  addEventListener("keydown", press);
  for (const kind of ["keydown", "pointerdown", "wheel", "input"])
    addEventListener(kind, () => (lastActivity = Date.now()), { passive: true, capture: true });
  addEventListener("focusin", ({ target }) => (focused = nameOf(target)));
  addEventListener("pointerdown", ({ target }) => (focused = nameOf(target)), true);
  addEventListener("click", ({ target }) => {
    if (!target.closest?.(".page-keys-switch")) return;
    try {
      localStorage.setItem(OFF, stored() === "off" ? "on" : "off");
    } catch {
      // storage is disabled: the keys stay as they are
    }
    showKeys();
  });
  addEventListener("storage", showKeys);
  showKeys();

  return {
    openForm() {
      const form = [...document.querySelectorAll(".decision-form")].find((each) => each.checkVisibility());
      form?.scrollIntoView();
      form?.querySelector("select, textarea, input, button")?.focus({ preventScroll: true });
    },
    start({ event, seconds }) {
      const poll = () => {
        // events that are sent while the page is disconnected would all arrive at once
        if (document.visibilityState !== "visible" || !window.socket?.connected) return;
        emitEvent(event, { active: Date.now() - lastActivity < 60_000 });
      };
      setInterval(poll, seconds * 1000);
      document.addEventListener("visibilitychange", poll);
      new MutationObserver(keepFocus).observe(document.body, { childList: true, subtree: true });
    },
  };
})();
