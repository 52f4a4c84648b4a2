"""The one theme: colours, type scale, spacing. Style sheets in `assets/` use these names, no values of their own.

Colours of outcomes and of risk stay apart for colour-blind eyes (blue against orange), and never stand alone: a
word or a sign goes with each. Fonts are those that NiceGUI serves itself, or the system's.
"""

from hashlib import sha256
from pathlib import Path

ASSETS = Path(__file__).parents[1] / "assets"
STYLESHEETS = (
    "base.css",
    "frame.css",
    "forms.css",
    "decision.css",
    "list.css",
    "batches.css",
    "overview.css",
    "plain.css",
    "print.css",
)

COLOURS = {
    "ink": "#16202c",
    "ink-soft": "#526070",
    "ink-faint": "#616d7d",
    "paper": "#f3f5f8",
    "surface": "#ffffff",
    "surface-sunk": "#f7f9fb",
    "line": "#dce2e9",
    "line-strong": "#b9c3cf",
    "brand": "#12304f",
    "brand-deep": "#0b2036",
    "accent": "#1c62b0",
    "accent-soft": "#e8f0fa",
    "approved": "#146c43",
    "approved-soft": "#e3f3ea",
    "approved-line": "#86c5a4",
    "referred": "#8a5a00",
    "referred-soft": "#fdf1d8",
    "referred-line": "#e0b354",
    "declined": "#a8201a",
    "declined-soft": "#fbe7e5",
    "declined-line": "#e0968f",
    "risk-raised": "#c2570c",
    "risk-lowered": "#1f6fb5",
}
SIZES = {
    "text-small": "0.8125rem",
    "text": "0.9375rem",
    "text-large": "1.0625rem",
    "title": "1.5rem",
    "figure": "1.375rem",
    "display": "2.25rem",
    "space-1": "0.25rem",
    "space-2": "0.5rem",
    "space-3": "0.75rem",
    "space-4": "1rem",
    "space-5": "1.5rem",
    "space-6": "2rem",
    "space-7": "3rem",
    "radius": "10px",
    "radius-small": "6px",
    "page": "1160px",
}
FONT = 'Roboto, "Segoe UI", "Helvetica Neue", Arial, sans-serif'
MONOSPACE = 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace'

OUTCOME_ICONS = {"approved": "check_circle", "referred": "supervisor_account", "declined": "cancel"}


def stylesheet() -> str:
    """The whole style sheet: the names above as custom properties, and the rules that use them."""
    names = COLOURS | SIZES | {"font": FONT, "monospace": MONOSPACE}
    properties = "\n".join(f"  --{name}: {value};" for name, value in names.items())
    rules = (ASSETS / name for name in STYLESHEETS)
    return f":root {{\n{properties}\n}}\n" + "\n".join(path.read_text(encoding="utf-8") for path in rules)


def fingerprint(sheet: str) -> str:
    """What changes with the sheet, so that browsers may keep it for ever under its address."""
    return sha256(sheet.encode()).hexdigest()[:12]


def stylesheet_address() -> str:
    """Where the style sheet is served."""
    return f"/assets/{fingerprint(stylesheet())}.css"


FAVICON = (ASSETS / "favicon.svg").read_text(encoding="utf-8")
"""The mark: a score on a dial."""
