"""The histories of applicants, by the lender's references of them."""

from abc import abstractmethod
from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from domain.applications.applicant_history import Applicant, ApplicantHistory


class ApplicantHistories(Protocol):
    """Finds what is recorded of applicants. Raises DependencyUnavailable."""

    @abstractmethod
    async def find(
        self, applicants: Collection[Applicant], *, superseded: Collection[UUID] = ()
    ) -> Mapping[Applicant, ApplicantHistory]:
        """The history of each applicant, with NO_HISTORY for a new one.

        Trial decisions, superseded ones and those in `superseded` are not part of a history.
        """
