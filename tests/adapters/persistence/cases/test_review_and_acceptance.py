"""A decision is not reviewed while its loan is being accepted, nor accepted while it is being reviewed."""

import asyncio

from adapters.memory.products import MemoryProducts
from adapters.persistence.applications.applicant_histories import PostgresApplicantHistories
from adapters.persistence.applications.applications import PostgresApplications
from adapters.persistence.cases.cases import PostgresCases
from adapters.persistence.cases.final_decisions import PostgresFinalDecisions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.archive.decision_archive import PostgresDecisionArchive
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.applications.application_use_cases import ApplicationUseCases
from application.use_cases.cases.case_rules import FindCaseRules
from application.use_cases.cases.case_use_cases import CaseUseCases
from application.use_cases.cases.check_application import CheckApplication
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import a_decision, a_loan_application, a_prediction
from support.cases import UMA, a_referred_record
from support.databases import Store
from support.desk import STRONG, Desk
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.users import MemoryUsers
from support.memory.versions import MemoryPolicies
from support.other_models import CHAMPION_FINGERPRINT
from support.states import check_states


async def test_of_a_review_and_an_acceptance_at_the_same_moment_one_is_done(
    postgres_store: Store, migrated_url: str
) -> None:
    desk, policies = Desk(), MemoryPolicies()
    policies._policies[desk.policy.fingerprint] = desk.policy
    engine, clock, products = database_engine(migrated_url), SystemClock(), MemoryProducts(PERSONAL_LOAN)
    find_policy, identifiers = FindDecidingPolicy(products, policies), TimeOrderedIdentifiers()
    stored, archive = PostgresApplications(engine), PostgresDecisionArchive(engine)
    final_decisions, cases = PostgresFinalDecisions(engine), PostgresCases(engine)
    applications = ApplicationUseCases.over(
        applications=stored,
        histories=PostgresApplicantHistories(engine),
        cases=cases,
        final_decisions=final_decisions,
        deciding_policy=find_policy,
        clock=clock,
        identifiers=identifiers,
    )
    reviews = CaseUseCases.over(
        cases=cases,
        find_rules=FindCaseRules(archive, products, desk.models, policies, final_decisions),
        check_application=CheckApplication(stored, FindLife(find_policy), clock),
        users=MemoryUsers(desk.decisions),
        find_policy=find_policy,
        policy=MemoryPolicyInForce(desk.policy),
        clock=clock,
        identifiers=identifiers,
    )

    async def approved() -> DecisionRecord:
        record = a_referred_record(
            decision_id=identifiers.new(),
            decided_at=clock.now(),
            case_due_at=None,
            application=a_loan_application(loan_amnt=9_000),
            prediction=a_prediction(log_odds=STRONG),
            decision=a_decision(outcome=Outcome.APPROVED, policy_version=desk.policy.version),
            model_fingerprint=CHAMPION_FINGERPRINT,
            policy_fingerprint=desk.policy.fingerprint,
        )
        await postgres_store.ledger.record(record)
        return record

    done = set()
    for _ in range(15):
        record = await approved()
        both = await asyncio.gather(
            applications.accept(record.decision_id, None, by=UMA),
            reviews.open_review(record.decision_id, "The income was wrong.", by=UMA),
            return_exceptions=True,
        )
        (refused,) = [each for each in both if isinstance(each, Exception)]
        assert str(refused)
        accepted, review = await stored.find(record.decision_id), await cases.of_decision(record.decision_id)
        assert accepted is not None
        assert len(accepted.actions) + len(review) == 1
        done.add("review" if review else "acceptance")
    await reviews.open_review((await approved()).decision_id, "The income was wrong.", by=UMA)
    await check_states(engine)
    await engine.dispose()
    assert (await postgres_store.verify()).violations == ()
    assert done
