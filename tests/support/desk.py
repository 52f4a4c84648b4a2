"""The use cases of referral cases over stores in memory, with the champion and a policy of one's choice."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from adapters.memory.products import MemoryProducts
from adapters.scoring.bundles.archived_credit_models import ArchivedCreditModels
from adapters.system import TimeOrderedIdentifiers
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.access.user import Actor
from domain.applications.money import Money
from domain.cases.proposal import WantedResolution
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_decision, a_loan_application, a_prediction
from support.cases import LATER, UMA, a_referred_record
from support.memory.applicant_histories import MemoryApplicantHistories
from support.memory.applications import MemoryApplications
from support.memory.case_use_cases import cases_over
from support.memory.cases import MemoryCases
from support.memory.clock import FixedClock
from support.memory.decisions import MemoryDecisions
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.users import MemoryUsers
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

WEAK, STRONG = -1.5, -2.5
"""Log-odds of a PD of 18 %, above the approve cut-off of 14 %, and of 7.6 %."""


@cache
def _bundles() -> MemoryBundles:
    bundles = MemoryBundles()
    bundles._bundles[CHAMPION_FINGERPRINT] = dict(CHAMPION)
    return bundles


class Desk:
    """People who work on cases. `terms` are those of the policy that differ from the usual ones."""

    models = ArchivedCreditModels(_bundles())

    def __init__(self, **terms: Any) -> None:
        review_terms = replace(DEFAULT_REVIEW_TERMS, **{"quality_share": 0.0, **terms})
        self.policy = replace(POLICY_3, version="desk", review_terms=review_terms)
        self.decisions, self.policies = MemoryDecisions(), MemoryPolicies()
        self.policies._policies[self.policy.fingerprint] = self.policy
        self.clock = FixedClock(LATER)
        self.cases = MemoryCases(self.decisions)
        self.applications = MemoryApplications(self.decisions)
        self.use_cases = cases_over(
            self.decisions,
            MemoryUsers(self.decisions),
            self.policies,
            self.clock,
            self.models,
            MemoryPolicyInForce(self.policy),
            self.applications,
            self.cases,
        )

    @property
    def application_use_cases(self) -> ApplicationUseCases:
        """The use cases of the applications that are decided here."""
        return ApplicationUseCases.over(
            applications=self.applications,
            histories=MemoryApplicantHistories(self.decisions),
            cases=self.cases,
            final_decisions=self.cases,
            deciding_policy=FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), self.policies),
            clock=self.clock,
            identifiers=TimeOrderedIdentifiers(),
        )

    async def refer(
        self,
        *,
        amount: float = 9_000,
        log_odds: float = STRONG,
        outcome: Outcome = Outcome.REFERRED,
        opens_case: bool = True,
        **values: Any,
    ) -> DecisionRecord:
        """Record a decision of the policy; a referred one opens a case, unless it is an old one."""
        record = a_referred_record(
            application=a_loan_application(loan_amnt=amount),
            prediction=a_prediction(log_odds=log_odds),
            decision=a_decision(outcome=outcome, policy_version="desk", recommended_amount=Money.of(0)),
            policy_fingerprint=self.policy.fingerprint,
            decision_id=TimeOrderedIdentifiers().new(),
            **{"model_fingerprint": CHAMPION_FINGERPRINT, **values},
        )
        if outcome is not Outcome.REFERRED or not opens_case:
            record = replace(record, case_due_at=None)
        await self.decisions.record(record)
        return record

    async def claimed(self, by: Actor = UMA, **values: Any) -> ReferralCase:
        """The case of a new referral, claimed by a person."""
        record = await self.refer(**values)
        return (await self.use_cases.claim(record.decision_id, by=by, seen=0)).case

    async def claim(self, case: ReferralCase, by: Actor) -> ReferralCase:
        """The case, claimed by a person."""
        return (await self.use_cases.claim(case.case_id, by=by, seen=case.version)).case

    async def resolve(
        self, case: ReferralCase, outcome: FinalOutcome, by: Actor = UMA, **values: Any
    ) -> ReferralCase:
        """The case after a person's resolution."""
        done = await self.use_cases.resolve(case.case_id, wanted(outcome, **values), by=by, seen=case.version)
        return done.case

    async def second(
        self, case: ReferralCase, by: Actor, *, approve: bool = True, text: str = "No."
    ) -> ReferralCase:
        """The case after a second person claimed it and decided."""
        held = await self.claim(case, by)
        use = self.use_cases.second_approval
        return (await use(case.case_id, by=by, seen=held.version, approve=approve, text=text)).case

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        self.clock.moment += time


def wanted(outcome: FinalOutcome, **values: Any) -> WantedResolution:
    """A complete resolution with this outcome."""
    reason = "RISK_TOO_HIGH" if outcome is FinalOutcome.DECLINED else "COMPENSATING_FACTORS"
    return WantedResolution(**{"outcome": outcome, "reason": reason, "text": "Payslips seen.", **values})
