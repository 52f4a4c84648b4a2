"""The manifest of an archived month."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from application.ports.decisions.month_archives import ChainRange, MonthContents
from application.use_cases.decisions.month_manifest import MonthManifest
from domain.month import Month

MANIFEST = MonthManifest(
    Month(2024, 12),
    datetime(2026, 11, 28, 12, tzinfo=UTC),
    "0.2.0",
    MonthContents(3, 2, (ChainRange(UUID(int=1), 4, 8), ChainRange(UUID(int=2), 1, 1))),
)


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert MonthManifest.read(MANIFEST.content()) == MANIFEST
    assert MANIFEST.contents.entries == 6


@pytest.mark.parametrize(
    ("part", "value"),
    [("schema", 2), ("month", "2024"), ("chains", [{"chain": "x"}]), ("chains", 3), ("decisions", None)],
)
def test_a_manifest_that_cannot_be_read_is_refused(part: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"manifest|month|UUID"):
        MonthManifest.read({**MANIFEST.content(), part: value})
