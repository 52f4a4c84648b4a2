"""The use cases for referral cases."""

from dataclasses import dataclass
from typing import Self

from application.ports.access.users import Users
from application.ports.cases.cases import Cases
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.policies.policy_in_force import PolicyInForce
from application.use_cases.cases.after_resolution import ChangeCondition, EnterOwnView, RecordQualityReview
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.change_case import CaseChanges
from application.use_cases.cases.check_application import CheckApplication
from application.use_cases.cases.claim_cases import ClaimCase, ClaimNextCase, ReassignCase, ReleaseCase, RenewLease
from application.use_cases.cases.inform_cases import AddCaseNote, ReceiveInformation, RequestInformation
from application.use_cases.cases.open_review import OpenReview
from application.use_cases.cases.quality_reviews import ListQualityReviews
from application.use_cases.cases.read_cases import ListCases, ReadCase, ReadCaseState
from application.use_cases.cases.require_own_view import RequireOwnView
from application.use_cases.cases.resolve_case import GiveSecondApproval, PreviewOffer, ResolveCase
from application.use_cases.decisions.read_decisions import ReadDecision
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
    resolve: ResolveCase
    second_approval: GiveSecondApproval
    preview_offer: PreviewOffer
    change_condition: ChangeCondition
    enter_own_view: EnterOwnView
    quality_review: RecordQualityReview
    open_review: OpenReview
    list_quality_reviews: ListQualityReviews

    @classmethod
    def over(
        cls,
        *,
        cases: Cases,
        find_rules: FindCaseRules,
        check_application: CheckApplication,
        users: Users,
        find_policy: FindDecidingPolicy,
        policy: PolicyInForce,
        clock: Clock,
        identifiers: Identifiers,
        leases: LeaseTerms = LEASE_TERMS,
    ) -> Self:
        """All use cases over one store."""
        changes = CaseChanges(cases, clock, identifiers, leases)
        deciding = (changes, find_rules, check_application)
        list_cases, archive = ListCases(cases, policy, clock), find_rules.archive
        return cls(
            list_cases=list_cases,
            read_case=ReadCase(cases, archive, find_rules, clock),
            read_state=ReadCaseState(cases),
            claim_next=ClaimNextCase(changes),
            claim=ClaimCase(changes),
            release=ReleaseCase(changes),
            reassign=ReassignCase(changes, users),
            renew_lease=RenewLease(changes),
            add_note=AddCaseNote(changes),
            request_information=RequestInformation(changes, archive, find_policy),
            receive_information=ReceiveInformation(changes),
            resolve=ResolveCase(*deciding),
            second_approval=GiveSecondApproval(*deciding),
            preview_offer=PreviewOffer(changes, find_rules),
            change_condition=ChangeCondition(changes),
            enter_own_view=EnterOwnView(changes, find_rules),
            quality_review=RecordQualityReview(changes),
            open_review=OpenReview(
                changes, ReadDecision(archive, RequireOwnView(cases, find_policy)), find_rules, check_application
            ),
            list_quality_reviews=ListQualityReviews(list_cases, cases, find_rules.final_decisions),
        )
