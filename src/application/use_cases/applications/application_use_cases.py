"""The use cases for loan applications after their decisions."""

from dataclasses import dataclass
from typing import Self

from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.applications.applications import Applications
from application.ports.cases.cases import Cases
from application.ports.cases.final_decisions import FinalDecisions
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.applications.change_application import (
    AcceptOffer,
    ChangeApplication,
    WithdrawApplication,
)
from application.use_cases.applications.read_applications import (
    FindApplication,
    FindSuccessors,
    ListApplications,
    ReadApplication,
)
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy


@dataclass(frozen=True, slots=True)
class ApplicationUseCases:
    """The applications part of `UseCases`."""

    find: FindApplication
    read: ReadApplication
    successors: FindSuccessors
    list: ListApplications
    accept: AcceptOffer
    withdraw: WithdrawApplication

    @classmethod
    def over(
        cls,
        *,
        applications: Applications,
        histories: ApplicantHistories,
        cases: Cases,
        final_decisions: FinalDecisions,
        deciding_policy: FindDecidingPolicy,
        clock: Clock,
        identifiers: Identifiers,
    ) -> Self:
        """All use cases over one store."""
        find = FindApplication(applications, FindLife(deciding_policy), clock)
        change = ChangeApplication(find, histories, cases, identifiers)
        return cls(
            find=find,
            read=ReadApplication(find, cases, final_decisions),
            successors=FindSuccessors(applications),
            list=ListApplications(find),
            accept=AcceptOffer(change),
            withdraw=WithdrawApplication(change),
        )
