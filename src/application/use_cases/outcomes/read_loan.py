"""Read the loan of an accepted application, with the history of its outcomes."""

from dataclasses import dataclass
from uuid import UUID

from application.ports.operations.clock import Clock
from application.ports.outcomes.loan_outcomes import LoanOutcomes, LoanUnreadable, StoredLoan
from application.use_cases.applications.read_applications import FindApplication, PresentApplication
from domain.access.user import Actor
from domain.applications.application_action import Acceptance
from domain.outcomes.loan import NoLoan, fold


@dataclass(frozen=True, slots=True)
class FindLoan:
    """Finds the loan of an application that the actor may read."""

    applications: FindApplication
    outcomes: LoanOutcomes
    clock: Clock

    async def __call__(self, decision_id: UUID, *, by: Actor) -> StoredLoan:
        """The loan with its outcomes, of which there may be none.

        Raises ApplicationNotFound, DecisionUnreadable, NoLoan unless the application is accepted, and
        LoanUnreadable.
        """
        return await self.of(await self.applications(decision_id, by=by))

    async def of(self, application: PresentApplication) -> StoredLoan:
        """The loan of an application; raises as above."""
        ended = application.life.ended_by
        if ended is None or not isinstance(ended.details, Acceptance):
            raise NoLoan(
                f"the application is {application.state.value}: only an accepted application has a loan. Record "
                "that the applicant accepted the offer first"
            )
        application_id = application.life.application_id
        history = await self.outcomes.history(application_id)
        record = application.record
        try:
            loan = fold(application_id, ended.details.amount, history)
        except ValueError as fault:
            raise LoanUnreadable(
                f"the outcomes of loan {application_id} do not follow each other: {fault}"
            ) from fault
        return StoredLoan(
            loan,
            record.decision_id,
            record.prediction.pd.value,
            record.application.product.name,
            record.decision.grade,
            application.stored.requested_by,
            record.identity.source,
        )
