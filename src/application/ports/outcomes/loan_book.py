"""How many loans have which status, and how current their outcomes are, for those who operate the service."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.outcomes.loan_status import LoanStatus


@dataclass(frozen=True, slots=True)
class LoanBook:
    """The loans with outcomes by status. Ages are in seconds since an event, 0 if there was none."""

    by_status: Mapping[LoanStatus, int]
    newest_outcome_seconds: float = 0.0
    last_import_seconds: float = 0.0
    imports_pending: int = 0


class LoanBooks(Protocol):
    """Reads the loan book. Raises DependencyUnavailable."""

    @abstractmethod
    async def read(self) -> LoanBook:
        """The present loan book; with a million loans in some tenths of a second."""
