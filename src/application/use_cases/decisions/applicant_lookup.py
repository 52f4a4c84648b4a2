"""Looks up applicants' histories for loan applications that are decided together."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.decisions.decision_ledger import HistoryChanged
from application.ports.operations.dependencies import DependencyUnavailable
from domain.applications.applicant_history import Applicant, ApplicantHistory

LookedUp = ApplicantHistory | Exception | None
"""An applicant's history, why it is not known, or None for an application without a reference of its applicant."""


async def look_up_histories(
    histories: ApplicantHistories,
    product: str,
    references: Sequence[str | None],
    superseded: Collection[UUID] = (),
) -> list[LookedUp]:
    """The history for each application, by its applicant's reference; `superseded` decisions are not part of one.

    Of several applications of one applicant the first is decided. The others are HistoryChanged, because it enters
    their history.
    """
    applicants = {reference: Applicant(reference, product) for reference in references if reference}
    try:
        found: Mapping[Applicant, ApplicantHistory] = await histories.find(
            tuple(applicants.values()), superseded=superseded
        )
    except DependencyUnavailable as fault:
        return [fault if reference else None for reference in references]
    return [
        found[applicants.pop(reference)] if reference in applicants else _repeated(reference)
        for reference in references
    ]


def _repeated(reference: str | None) -> LookedUp:
    return HistoryChanged("another application of this applicant is being decided") if reference else None
