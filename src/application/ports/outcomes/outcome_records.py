"""Loans with outcomes and the decisions that led to them, for training."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.outcomes.loan import Loan


@dataclass(frozen=True, slots=True)
class LoanRecord:
    """A loan with its outcomes, and its decision; None if that is in an archived month.

    `problem` says why the outcomes cannot be read.
    """

    loan: Loan | None
    decision: DecisionRecord | UnreadableDecision | None
    problem: str = ""


class OutcomeRecords(Protocol):
    """Reads all loans with outcomes; raises DependencyUnavailable if the storage does not answer."""

    @abstractmethod
    def loans(self) -> AsyncIterator[LoanRecord]:
        """Every loan, the first booked first."""


class TrainingFile(Protocol):
    """A training file being written."""

    @abstractmethod
    def add(self, loan: Mapping[str, object]) -> None:
        """Append a loan, whose values are by column; None is written as nothing."""


class TrainingFiles(Protocol):
    """Writes training files."""

    @abstractmethod
    def create(self, path: Path, columns: Sequence[str]) -> AbstractContextManager[TrainingFile]:
        """A new file with these columns, which appears complete or not at all.

        Raises TrainingFileNotWritable, and OSError if the disk fails later."""


class TrainingFileNotWritable(ValueError):
    """The training file cannot be written to that path; the message says why."""
