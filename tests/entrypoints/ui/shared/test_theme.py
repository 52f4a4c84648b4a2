"""Text contrast according to WCAG 2.2, success criterion 1.4.3."""

import pytest

from entrypoints.ui.shared.theme import COLORS


def luminance(color: str) -> float:
    shares = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("background", ["paper", "surface", "surface-sunk"])
@pytest.mark.parametrize("text", ["ink", "ink-soft", "ink-faint", "accent"])
def test_text_colors_have_sufficient_contrast_on_every_background(text: str, background: str):
    assert (luminance(COLORS[background]) + 0.05) / (luminance(COLORS[text]) + 0.05) >= 4.5
