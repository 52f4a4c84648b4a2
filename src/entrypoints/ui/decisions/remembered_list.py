"""What a browser tab remembers of the decision list, so that a decision leads back to the same place.

The address has filters, order and page. The tab stores that address, how far the list was scrolled, and which
decision was opened.
"""

from nicegui import ui

REMEMBER_LIST = """<script>
(() => {
  const shown = () => location.pathname + location.search;
  const rows = () => document.querySelectorAll(".decision-list a.row-link");
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".decision-list a.row-link");
    if (row) sessionStorage.setItem("decisions.opened", row.getAttribute("href"));
  }, true);
  addEventListener("pagehide", () => {
    sessionStorage.setItem("decisions.address", shown());
    sessionStorage.setItem("decisions.scrolled", String(scrollY));
  });
  const [navigation] = performance.getEntriesByType("navigation");
  const back = navigation?.type === "back_forward" || sessionStorage.getItem("decisions.returning");
  sessionStorage.removeItem("decisions.returning");
  if (!back || sessionStorage.getItem("decisions.address") !== shown()) return;
  history.scrollRestoration = "manual";
  const deadline = Date.now() + 5000;
  (function restore() {
    if (!rows().length) return Date.now() < deadline && setTimeout(restore, 50);
    scrollTo(0, Number(sessionStorage.getItem("decisions.scrolled")));
    const opened = sessionStorage.getItem("decisions.opened");
    [...rows()].find((row) => row.getAttribute("href") === opened)?.focus({ preventScroll: true });
  })();
})();
</script>"""
RETURN_TO_LIST = """<script>
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.back-to-list"), address = sessionStorage.getItem("decisions.address");
  if (!link || !address) return;
  sessionStorage.setItem("decisions.returning", "yes");
  link.setAttribute("href", address);
}, true);
</script>"""


def remember_list() -> None:
    """Remember where in the list the user is, and go there if the user returns."""
    ui.add_body_html(REMEMBER_LIST)


def return_to_list() -> None:
    """Make the links of the class `back-to-list` lead to the list as it was left."""
    ui.add_body_html(RETURN_TO_LIST)
