"""A batch as text: state, progress and totals."""

from dataclasses import dataclass
from typing import Literal

from domain.batches.batch import Batch, BatchState
from entrypoints.ui.batches.conventions import advice_on, conventions_text
from entrypoints.ui.shared.formats import counted, sentence, timestamp
from entrypoints.ui.shared.labels import BATCH_STATES

ChipStyle = Literal["approved", "declined", "neutral"]
_STYLES: dict[BatchState, tuple[ChipStyle, str]] = {
    BatchState.QUEUED: ("neutral", "schedule"),
    BatchState.RUNNING: ("neutral", "sync"),
    BatchState.DONE: ("approved", "check_circle"),
    BatchState.FAILED: ("declined", "cancel"),
    BatchState.CANCELLED: ("neutral", "block"),
}


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch. `style` and `icon_name` are those of its chip; `percent` is a whole number from 0 to 100."""

    batch_id: str
    name: str
    state: str
    style: ChipStyle
    icon_name: str
    percent: int
    rows: str
    approved: str
    referred: str
    declined: str
    rejected: str
    submitted: str
    finished: str
    requested_by: str
    error: str
    stated: str
    kept: str
    trial: bool
    notices: tuple[str, ...]
    ended: bool

    @property
    def page(self) -> str:
        return f"/batches/{self.batch_id}"


def batch_view(batch: Batch) -> BatchView:
    style, icon_name = _STYLES[batch.state]
    progress = batch.progress
    done = batch.state is BatchState.DONE
    return BatchView(
        batch_id=str(batch.batch_id),
        name=batch.name,
        state=BATCH_STATES[batch.state],
        style=style,
        icon_name=icon_name,
        percent=100 if done else min(99, int(100 * progress.share_done)),
        rows=counted(progress.rows_read, "row", "rows"),
        approved=f"{progress.approved:,}",
        referred=f"{progress.referred:,}",
        declined=f"{progress.declined:,}",
        rejected=f"{progress.rows_refused:,}",
        submitted=timestamp(batch.submitted_at),
        finished="" if batch.finished_at is None else timestamp(batch.finished_at),
        requested_by=batch.requested_by.name,
        error=sentence(batch.fault) + advice_on(batch.fault) if batch.fault else "",
        stated=conventions_text(batch.conventions),
        kept=", ".join(batch.keep),
        trial=batch.trial,
        notices=tuple(sentence(notice) for notice in batch.notices),
        ended=batch.state.ended,
    )
