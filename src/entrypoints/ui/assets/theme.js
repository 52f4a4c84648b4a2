(() => {
  const root = document.documentElement;
  const key = "theme";
  const show = (theme) => {
    if (["light", "dark"].includes(theme)) root.dataset.theme = theme;
    else delete root.dataset.theme; // as the system
  };
  try {
    show(localStorage.getItem(key));
  } catch {
    // storage is disabled: the choice lasts as long as the page
  }
  addEventListener("storage", (event) => event.key === key && show(event.newValue));
  addEventListener("click", (event) => {
    if (!event.target.closest?.(".theme-switch")) return;
    // the first press always changes what is seen, the third returns to the system's theme
    const [first, second] = matchMedia("(prefers-color-scheme: dark)").matches ? ["light", "dark"] : ["dark", "light"];
    const next = { [first]: second, [second]: "" }[root.dataset.theme] ?? first;
    show(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // as above
    }
  });
})();
