"""The theme: colors, type scale and spacing. Style sheets in `assets/` use these names instead of own values.

Colors of outcomes and risk are distinguishable with color blindness (blue and orange), and never carry a meaning
alone: text or an icon goes with each. Fonts are those that NiceGUI serves, or system fonts.
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

COLORS = {
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
    """The complete style sheet: the names above as custom properties, followed by the rules."""
    names = COLORS | SIZES | {"font": FONT, "monospace": MONOSPACE}
    properties = "\n".join(f"  --{name}: {value};" for name, value in names.items())
    rules = (ASSETS / name for name in STYLESHEETS)
    return f":root {{\n{properties}\n}}\n" + "\n".join(path.read_text(encoding="utf-8") for path in rules)


def fingerprint(sheet: str) -> str:
    """A hash of the style sheet for its address, so that browsers can cache it indefinitely."""
    return sha256(sheet.encode()).hexdigest()[:12]


def stylesheet_address() -> str:
    return f"/assets/{fingerprint(stylesheet())}.css"


FAVICON = (ASSETS / "favicon.svg").read_text(encoding="utf-8")
"""The logo: a score on a dial."""
