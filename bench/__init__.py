"""Measurements of the whole service, as ratios of interleaved runs: `scripts/bench`."""
