"""An import of outcomes as text: state, progress and refused rows."""

import csv
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Literal, cast

from domain.outcomes.outcome_import import ImportState, OutcomeImport
from entrypoints.ui.shared.formats import counted, day, number, sentence, timestamp
from entrypoints.ui.shared.table import Table

ChipStyle = Literal["approved", "declined", "neutral"]
MOST_ERRORS = 50
_STATES: Mapping[ImportState, tuple[str, ChipStyle, str]] = {
    ImportState.QUEUED: ("Queued", "neutral", "schedule"),
    ImportState.RUNNING: ("Running", "neutral", "sync"),
    ImportState.DONE: ("Finished", "approved", "check_circle"),
    ImportState.FAILED: ("Failed", "declined", "cancel"),
}
_COLUMNS = {
    "line": "Line",
    "reference": "Application",
    "field": "Field",
    "value": "Value",
    "why": "Why it is refused",
}


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import. `style` and `icon_name` are those of its chip; `percent` is a whole number from 0 to 100."""

    import_id: str
    name: str
    state: str
    style: ChipStyle
    icon_name: str
    percent: int
    rows: str
    recorded: str
    repeated: str
    refused: str
    as_of: str
    submitted: str
    finished: str
    requested_by: str
    fault: str
    ended: bool
    has_errors: bool

    @property
    def page(self) -> str:
        return f"/outcomes/imports/{self.import_id}"


def import_view(wanted: OutcomeImport) -> ImportView:
    """The view of an import."""
    label, style, icon_name = _STATES[wanted.state]
    progress = wanted.progress
    done = wanted.state is ImportState.DONE
    return ImportView(
        import_id=str(wanted.import_id),
        name=wanted.name,
        state=label,
        style=style,
        icon_name=icon_name,
        percent=100 if done else min(99, int(100 * progress.share_done)),
        rows=counted(progress.rows_read, "row", "rows"),
        recorded=number(progress.recorded, 0),
        repeated=number(progress.repeated, 0),
        refused=number(progress.refused, 0),
        as_of="" if wanted.as_of is None else day(wanted.as_of),
        submitted=timestamp(wanted.submitted_at),
        finished="" if wanted.finished_at is None else timestamp(wanted.finished_at),
        requested_by=wanted.requested_by.name,
        fault=sentence(wanted.fault) if wanted.fault else "",
        ended=wanted.state.ended,
        has_errors=progress.refused > 0,
    )


async def first_errors(lines: AsyncIterator[bytes]) -> Table:
    """The first refused rows of the CSV that names them all, one line per fault."""
    text = b""
    async with aclosing(cast("AsyncGenerator[bytes]", lines)) as chunks:
        async for chunk in chunks:
            text += chunk
            if text.count(b"\n") > 2 * MOST_ERRORS:  # a quoted value can have line breaks
                break
    found = islice(csv.DictReader(StringIO(text.decode())), MOST_ERRORS)
    rows = tuple(tuple(row.get(name) or "–" for name in _COLUMNS) for row in found)
    return Table("The first refused rows", tuple(_COLUMNS.values()), rows)
