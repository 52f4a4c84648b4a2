"""The use cases for referral cases."""

from dataclasses import dataclass
from typing import Self

from application.ports.access.users import Users
from application.ports.cases.cases import Cases
from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.cases.claim_cases import ClaimCase, ClaimNextCase, ReassignCase, ReleaseCase, RenewLease
from application.use_cases.cases.inform_cases import AddCaseNote, ReceiveInformation, RequestInformation
from application.use_cases.cases.read_cases import ListCases, ReadCase, ReadCaseState
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.cases.lease import LEASE_TERMS, LeaseTerms


@dataclass(frozen=True, slots=True)
class CaseUseCases:
    """The part of `UseCases` for referral cases."""

    list_cases: ListCases
    read_case: ReadCase
    read_state: ReadCaseState
    claim_next: ClaimNextCase
    claim: ClaimCase
    release: ReleaseCase
    reassign: ReassignCase
    renew_lease: RenewLease
    add_note: AddCaseNote
    request_information: RequestInformation
    receive_information: ReceiveInformation

    @classmethod
    def over(
        cls,
        *,
        cases: Cases,
        archive: DecisionArchive,
        users: Users,
        find_policy: FindDecidingPolicy,
        clock: Clock,
        identifiers: Identifiers,
        leases: LeaseTerms = LEASE_TERMS,
    ) -> Self:
        """All use cases over one store."""
        changes = CaseChanges(cases, clock, identifiers, leases)
        return cls(
            list_cases=ListCases(cases, clock),
            read_case=ReadCase(cases, archive),
            read_state=ReadCaseState(cases),
            claim_next=ClaimNextCase(changes),
            claim=ClaimCase(changes),
            release=ReleaseCase(changes),
            reassign=ReassignCase(changes, users),
            renew_lease=RenewLease(changes),
            add_note=AddCaseNote(changes),
            request_information=RequestInformation(changes, archive, find_policy),
            receive_information=ReceiveInformation(changes),
        )
