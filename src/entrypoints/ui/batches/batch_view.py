"""A batch in words: where it stands, how far it has got, and what can be done with it."""

from dataclasses import dataclass
from typing import Literal

from domain.batches.batch import Batch, BatchState
from entrypoints.ui.shared.formats import counted, moment
from entrypoints.ui.shared.labels import BATCH_STATES

Look = Literal["approved", "declined", "plain"]
_LOOKS: dict[BatchState, tuple[Look, str]] = {
    BatchState.QUEUED: ("plain", "schedule"),
    BatchState.RUNNING: ("plain", "sync"),
    BatchState.DONE: ("approved", "check_circle"),
    BatchState.FAILED: ("declined", "cancel"),
    BatchState.CANCELLED: ("plain", "block"),
}


@dataclass(frozen=True, slots=True)
class BatchView:
    """One batch. `look` and `sign` are those of its chip; `percent` is whole, 0 to 100."""

    batch_id: str
    name: str
    state: str
    look: Look
    sign: str
    percent: int
    rows: str
    approved: str
    referred: str
    declined: str
    refused: str
    submitted: str
    finished: str
    requested_by: str
    fault: str
    ended: bool

    @property
    def page(self) -> str:
        """Where it is shown."""
        return f"/batches/{self.batch_id}"


def batch_view(batch: Batch) -> BatchView:
    """The view of a batch."""
    look, sign = _LOOKS[batch.state]
    progress = batch.progress
    done = batch.state is BatchState.DONE
    return BatchView(
        batch_id=str(batch.batch_id),
        name=batch.name,
        state=BATCH_STATES[batch.state],
        look=look,
        sign=sign,
        percent=100 if done else min(99, int(100 * progress.share_done)),
        rows=counted(progress.rows_read, "row", "rows"),
        approved=f"{progress.approved:,}",
        referred=f"{progress.referred:,}",
        declined=f"{progress.declined:,}",
        refused=f"{progress.rows_refused:,}",
        submitted=moment(batch.submitted_at),
        finished="" if batch.finished_at is None else moment(batch.finished_at),
        requested_by=batch.requested_by.name,
        fault=batch.fault or "",
        ended=batch.state.ended,
    )
