"""The columns of a portfolio that are about the applicants and not scored."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from application.ports.batches.portfolio import Columns
from domain.applications.superseding import Superseding
from domain.decisions.circumstances import Circumstances


class ApplicantColumns(Protocol):
    """Reads and adds columns of the loans of a chunk; rows are counted from 0."""

    @abstractmethod
    def references(self, loans: Columns) -> Sequence[str | None] | None:
        """The reference of each loan's applicant; None if no loan has one."""

    @abstractmethod
    def superseding(self, loans: Columns) -> Mapping[int, Superseding]:
        """What the rows supersede that decide an application again."""

    @abstractmethod
    def with_histories(
        self, loans: Columns, histories: Mapping[int, Circumstances], numbers: Sequence[int | None] | None
    ) -> Columns:
        """The loans with what the rows' circumstances say about other applications, replacing what they had.

        `numbers` are the `applicant_number` of the rows; None leaves them as they are.
        """

    @abstractmethod
    def select(self, loans: Columns, rows: Sequence[int]) -> Columns:
        """These rows alone."""
