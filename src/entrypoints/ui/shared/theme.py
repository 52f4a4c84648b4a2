"""The theme: colors, type scale and spacing. Style sheets in `assets/` use these names instead of own values.

Text has a contrast of at least 4.5 to 1, and borders of fields and parts of charts of at least 3 to 1, in the
light and in the dark theme (WCAG 2.2, 1.4.3 and 1.4.11).

Colors of outcomes and risk are distinguishable with color blindness (blue and orange), and never carry a meaning
alone: text or an icon goes with each. Fonts are those that NiceGUI serves, or system fonts.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

ASSETS = Path(__file__).parents[1] / "assets"
STYLESHEETS = (
    "base.css",
    "frame.css",
    "forms.css",
    "decision.css",
    "list.css",
    "batches.css",
    "applications.css",
    "cases.css",
    "notices.css",
    "overview.css",
    "outcomes.css",
    "plain.css",
    "print.css",
)


class Color(NamedTuple):
    """A color in the light and in the dark theme."""

    light: str
    dark: str


COLORS = {
    "ink": Color("#16202c", "#e4eaf1"),
    "ink-soft": Color("#526070", "#aab7c5"),
    "ink-faint": Color("#616d7d", "#9aa8b7"),
    "paper": Color("#f3f5f8", "#0f161e"),
    "surface": Color("#ffffff", "#18222d"),
    "letter-paper": Color("#ffffff", "#ffffff"),
    "surface-sunk": Color("#f7f9fb", "#1e2a37"),
    "line": Color("#dce2e9", "#2e3b4a"),
    "line-strong": Color("#b9c3cf", "#4a5a6b"),
    "line-control": Color("#7d8997", "#76879a"),
    "brand": Color("#12304f", "#bcd6f3"),
    "accent": Color("#1c62b0", "#84b9f0"),
    "accent-soft": Color("#e8f0fa", "#1c3148"),
    "approved": Color("#146c43", "#6fce9a"),
    "approved-soft": Color("#e3f3ea", "#173526"),
    "approved-line": Color("#86c5a4", "#2f7a52"),
    "referred": Color("#8a5a00", "#edbc5c"),
    "referred-soft": Color("#fdf1d8", "#3a2d10"),
    "referred-line": Color("#e0b354", "#96701f"),
    "declined": Color("#a8201a", "#f59c94"),
    "declined-soft": Color("#fbe7e5", "#411c1b"),
    "declined-line": Color("#e0968f", "#a5504a"),
    "chart-referred": Color("#bd8016", "#d9a441"),
    "risk-raised": Color("#c2570c", "#f0904a"),
    "risk-lowered": Color("#1f6fb5", "#6db1ee"),
    "header": Color("#0b2036", "#0a1b2c"),
    "header-end": Color("#1b4674", "#16324f"),
    "header-ink": Color("#ffffff", "#ffffff"),
    "header-ink-soft": Color("#c2c9d1", "#c2c9d1"),
    "header-line": Color("#4f6074", "#4f6074"),
    "header-mark": Color("#6cb0ff", "#6cb0ff"),
    "header-urgent": Color("#f5b7b1", "#f5b7b1"),
    "header-urgent-ink": Color("#5c0f0b", "#5c0f0b"),
    "header-hover": Color("#23374b", "#23374b"),
    "hover": Color("rgb(16 32 48 / 7%)", "rgb(255 255 255 / 8%)"),
    "shadow": Color("rgb(16 32 48 / 5%)", "rgb(0 0 0 / 25%)"),
    "shadow-strong": Color("rgb(0 0 0 / 30%)", "rgb(0 0 0 / 60%)"),
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

OUTCOME_ICONS = {
    "approved": "check_circle",
    "referred": "supervisor_account",
    "declined": "cancel",
    "counter_offer": "swap_horiz",
    "undecided": "hourglass_empty",
}


def stylesheet() -> str:
    """The complete style sheet: the names above as custom properties, followed by the rules.

    The dark theme applies if the system asks for it or the user chose it (`theme.js`), on screens only. Browsers
    without `light-dark()`, which came in 2023 and 2024, always show the light one.
    """
    fixed = _properties(SIZES | {"font": FONT, "monospace": MONOSPACE})
    light = _properties({name: color.light for name, color in COLORS.items()})
    both = _properties({name: f"light-dark({color.light}, {color.dark})" for name, color in COLORS.items()})
    rules = (ASSETS / name for name in STYLESHEETS)
    return (
        f":root {{\n{fixed}\n{light}\n}}\n"
        f"@supports (color: light-dark(red, red)) {{\n:root {{\n  color-scheme: light dark;\n{both}\n}}\n"
        ':root[data-theme="light"] { color-scheme: light; }\n:root[data-theme="dark"] { color-scheme: dark; }\n'
        "@media print { :root:root { color-scheme: light; } }\n}\n"
    ) + "\n".join(path.read_text(encoding="utf-8") for path in rules)


def _properties(values: Mapping[str, str]) -> str:
    return "\n".join(f"  --{name}: {value};" for name, value in values.items())


def fingerprint(sheet: str) -> str:
    """A hash of the style sheet for its address, so that browsers can cache it indefinitely."""
    return sha256(sheet.encode()).hexdigest()[:12]


def stylesheet_address() -> str:
    return f"/assets/{fingerprint(stylesheet())}.css"


SCRIPT = (ASSETS / "theme.js").read_text(encoding="utf-8")
"""Applies the theme that the user chose, before the page is drawn, and the switch in the header."""

FAVICON = (ASSETS / "favicon.svg").read_text(encoding="utf-8")
"""The logo: a score on a dial."""
