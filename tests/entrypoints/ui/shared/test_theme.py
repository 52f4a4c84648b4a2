"""Contrast according to WCAG 2.2, success criteria 1.4.3 and 1.4.11, and colors only in the theme."""

import re
from itertools import product

import pytest

from entrypoints.ui.shared.theme import ASSETS, COLORS, stylesheet

BACKGROUNDS = ("paper", "surface", "surface-sunk")
TEXTS = [
    *product(("ink", "ink-soft", "ink-faint", "accent"), BACKGROUNDS),
    *product(("ink", "brand", "accent"), ("accent-soft",)),
    *((outcome, f"{outcome}-soft") for outcome in ("approved", "referred", "declined")),
    *(("ink", f"{outcome}-soft") for outcome in ("approved", "referred", "declined")),
    *product(("approved", "referred", "declined", "risk-raised", "risk-lowered"), ("surface",)),
    *product(("surface",), ("accent", "brand", "approved", "declined")),
    *product(("header-ink", "header-ink-soft"), ("header", "header-hover")),
]
SHAPES = [
    *product(("line-control", "accent", "approved", "chart-referred", "declined"), ("surface",)),
    ("line-control", "paper"),
    ("header-mark", "header"),
]


def luminance(color: str) -> float:
    shares = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: str) -> float:
    lower, higher = sorted(luminance(getattr(COLORS[name], theme)) for name in (one, other))
    return (higher + 0.05) / (lower + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "background"), TEXTS)
def test_text_is_legible(text: str, background: str, theme: str):
    assert contrast(text, background, theme) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "background"), SHAPES)
def test_borders_of_fields_and_parts_of_charts_are_visible(shape: str, background: str, theme: str):
    assert contrast(shape, background, theme) >= 3


def test_only_the_theme_has_colors():
    sources = [*ASSETS.glob("*.css"), *ASSETS.parent.rglob("*.html"), *ASSETS.parent.rglob("*.py")]
    fixed = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}\b|\b(?:rgb|hsl)a?\(|:\s*(?:white|black)\b")
    found = {
        f"{path.name}: {match.group()}"
        for path in sources
        if path.name != "theme.py"
        for match in fixed.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set(), "take or add a name in COLORS, so that the dark theme has the color too"


def test_style_sheets_use_only_names_of_the_theme():
    used = {
        name for path in ASSETS.glob("*.css") for name in re.findall(r"var\(--([\w-]+)", path.read_text("utf-8"))
    }
    defined = set(re.findall(r"--([\w-]+):", stylesheet()))
    assert used <= defined
