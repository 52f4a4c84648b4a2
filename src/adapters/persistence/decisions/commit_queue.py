"""The queue of decisions that wait to be committed: limited in length and in waiting time."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from adapters.persistence.decisions.chained_writer import Documented
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.decisions.idempotency import Claim
from domain.applications.applicant_history import Applicant
from domain.applications.application_reference import ApplicationReference
from domain.decisions.decision_record import DecisionRecord

CommitResult = DecisionRecord | Exception
_PENDING = LookupError("the result is not known yet")


class Submission:
    """Decisions submitted in one call; `results` resolves when the result of each is known.

    `submitted_at` is in seconds of `perf_counter`, `deadline` of the event loop's clock. `origin` says for traces
    where it was submitted.
    """

    __slots__ = ("_results", "_unknown", "deadline", "origin", "results", "size", "submitted_at")

    def __init__(
        self, size: int, loop: asyncio.AbstractEventLoop, timeout: float, origin: object | None = None
    ) -> None:
        self.origin = origin
        self._results: list[CommitResult] = [_PENDING] * size
        self._unknown = self.size = size
        self.submitted_at = perf_counter()
        self.deadline = loop.time() + timeout
        self.results: asyncio.Future[Sequence[CommitResult]] = loop.create_future()

    def resolve(self, index: int, result: CommitResult) -> None:
        """Set the result of one decision; the first result counts."""
        if self._results[index] is not _PENDING:
            return
        self._results[index] = result
        self._unknown -= 1
        if not self._unknown and not self.results.done():
            self.results.set_result(self._results)

    def is_resolved(self, index: int) -> bool:
        """Whether the result of a decision is known, or its caller has stopped waiting."""
        return self._results[index] is not _PENDING or self.results.done()


@dataclass(slots=True, eq=False)
class PendingDecision:
    """One decision that waits for its commit, at its index in the submission.

    `committing` is set once a writer has taken it: from then on a timeout leaves it unknown whether the decision
    was recorded. `deferrals` counts how often it was deferred because another transaction held its key, its
    reference or its applicant's history.
    """

    documented: Documented
    submission: Submission
    index: int
    claim: Claim | None = None
    reference: ApplicationReference | None = None
    applicant: Applicant | None = None
    committing: bool = False
    deferrals: int = 0

    @property
    def is_resolved(self) -> bool:
        """Whether there is nothing left to do for it."""
        return self.submission.is_resolved(self.index)

    @property
    def is_unique(self) -> bool:
        """Whether another decision may hold its key, its reference or its applicant's history."""
        return self.claim is not None or self.reference is not None or self.applicant is not None

    @property
    def record(self) -> DecisionRecord:
        """The decision."""
        return self.documented[0]

    def succeed(self) -> None:
        """Resolve it with the recorded decision."""
        self.submission.resolve(self.index, self.documented[0])

    def fail(self, reason: Exception) -> None:
        """Resolve it with the reason why no decision may be returned."""
        self.submission.resolve(self.index, reason)

    def replay(self, first: DecisionRecord | Exception) -> None:
        """Resolve it with what is already recorded under its claim."""
        self.submission.resolve(self.index, first)

    def expire(self) -> None:
        """Resolve it because its time is up."""
        if self.committing:
            self.fail(CommitUnconfirmed("the database did not confirm the record in time"))
        else:
            self.fail(LedgerUnavailable("the decision was not recorded in time"))


def split_repeated(batch: Sequence[PendingDecision]) -> tuple[list[PendingDecision], list[PendingDecision]]:
    """Decisions that can share a commit, and those that repeat claim, reference or applicant of one of them."""
    places: set[tuple[str, str]] = set()
    others: set[ApplicationReference | Applicant] = set()
    unique: list[PendingDecision] = []
    repeated: list[PendingDecision] = []
    for pending in batch:
        place = None if pending.claim is None else pending.claim.place
        own = [each for each in (pending.reference, pending.applicant) if each is not None]
        is_repeated = place in places or not others.isdisjoint(own)
        (repeated if is_repeated else unique).append(pending)
        if place is not None:
            places.add(place)
        others.update(own)
    return unique, repeated


class CommitQueue:
    """Holds at most `max_pending` decisions, each for at most `timeout` seconds; rejects others immediately."""

    def __init__(self, max_pending: int, timeout: float) -> None:
        self._max_pending = max_pending
        self._timeout = timeout
        self._pending: deque[PendingDecision] = deque()
        self._accepted: deque[tuple[Submission, Sequence[PendingDecision]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._rejecting = ""
        self.closed = asyncio.Event()

    def __len__(self) -> int:
        """The number of decisions in the queue."""
        return len(self._pending)

    def submit(
        self, entries: Sequence[tuple[Documented, Claim | None]], origin: object | None = None
    ) -> "asyncio.Future[Sequence[CommitResult]]":
        """Queue decisions; the result of a rejected one is LedgerUnavailable. For `origin` see Submission."""
        loop = asyncio.get_running_loop()
        submission = Submission(len(entries), loop, self._timeout, origin)
        decisions = [
            PendingDecision(documented, submission, index, claim, documented[0].reference, documented[0].applicant)
            for index, (documented, claim) in enumerate(entries)
        ]
        reason = self._rejection
        capacity = 0 if reason else max(0, self._max_pending - len(self._pending))
        for pending in decisions[capacity:]:
            pending.fail(
                LedgerUnavailable(reason or f"{self._max_pending} decisions are waiting to be recorded already")
            )
        if capacity:
            self._accept(submission, decisions[:capacity])
        return submission.results

    @property
    def _rejection(self) -> str:
        """Why decisions are rejected; empty while they are accepted."""
        return "the ledger is closed" if self.closed.is_set() else self._rejecting

    def _accept(self, submission: Submission, decisions: Sequence[PendingDecision]) -> None:
        self._pending.extend(decisions)
        while self._accepted and self._accepted[0][0].results.done():
            self._accepted.popleft()
        self._accepted.append((submission, decisions))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(submission.deadline, self.expire)
        self._changed.set()

    def expire(self) -> None:
        """Expire the submissions whose deadline has passed, queued or being committed.

        All wait equally long, so deadlines follow in the order of submission and one timer serves them all.
        """
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._accepted:
            submission, decisions = self._accepted[0]
            if not submission.results.done() and submission.deadline > loop.time():
                self._timer = loop.call_at(submission.deadline, self.expire)
                return
            self._accepted.popleft()
            for pending in decisions:
                pending.expire()

    async def wait_nonempty(self) -> bool:
        """Wait until a decision is queued: True; False once the queue is closed and empty."""
        while not self._pending and not self.closed.is_set():
            self._changed.clear()
            await self._changed.wait()
        return bool(self._pending)

    def take(self, limit: int) -> list[PendingDecision]:
        """Remove the oldest decisions that still wait, at most `limit`."""
        taken: list[PendingDecision] = []
        while self._pending and len(taken) < limit:
            pending = self._pending.popleft()
            if not pending.is_resolved:
                pending.committing = True
                taken.append(pending)
        return taken

    def defer(self, pending: PendingDecision, delay: float) -> None:
        """Queue a decision again after `delay` seconds; nothing of it has been written."""
        pending.committing = False
        pending.deferrals += 1
        asyncio.get_running_loop().call_later(delay, self._resubmit, pending)

    def _resubmit(self, pending: PendingDecision) -> None:
        if reason := self._rejection:
            pending.fail(LedgerUnavailable(reason))
        else:
            self._pending.appendleft(pending)
            self._changed.set()

    def reject_all(self, reason: str) -> None:
        """Reject every queued decision and every new one, until `resume`."""
        self._rejecting = reason
        for pending in self._pending:
            pending.fail(LedgerUnavailable(reason))
        self._pending.clear()

    def resume(self) -> None:
        """Accept decisions again."""
        self._rejecting = ""

    def close(self) -> None:
        """Accept no further decisions; those in the queue are still committed."""
        self.closed.set()
        self._changed.set()
