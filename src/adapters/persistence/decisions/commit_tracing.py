"""Traces of group commits: a commit belongs to the traces of all requests whose decisions it records."""

from abc import abstractmethod
from collections.abc import Sequence
from time import perf_counter
from typing import Protocol

from adapters.persistence.decisions.commit_queue import PendingDecision


class CommitTracer(Protocol):
    """Traces group commits."""

    @abstractmethod
    def commit_origin(self) -> object | None:
        """What `record_commit` needs to know of the task that submits decisions; None if it is not sampled."""

    @abstractmethod
    def record_commit(
        self, origins: Sequence[object], *, decisions: int, started: float, ended: float, error: str | None = None
    ) -> None:
        """Report a commit to the traces of those who submitted its decisions; times by `perf_counter`."""


def trace_commit(
    tracer: CommitTracer | None, batch: Sequence[PendingDecision], began: float, error: str | None = None
) -> None:
    """Report a commit that began at that time and has just ended, to those of its requests that are sampled."""
    if tracer is None:
        return
    origins = dict.fromkeys(pending.submission.origin for pending in batch)
    origins.pop(None, None)
    if origins:
        tracer.record_commit([*origins], decisions=len(batch), started=began, ended=perf_counter(), error=error)
