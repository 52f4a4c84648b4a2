"""What is written can be read: contrast as WCAG 2.2 measures it (success criterion 1.4.3)."""

import pytest

from entrypoints.ui.shared.theme import COLORS


def luminance(color: str) -> float:
    shares = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", ["paper", "surface", "surface-sunk"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "ink-faint", "accent"])
def test_every_ink_stands_out_from_every_ground(ink: str, ground: str):
    assert (luminance(COLORS[ground]) + 0.05) / (luminance(COLORS[ink]) + 0.05) >= 4.5
