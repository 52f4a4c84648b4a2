"""A forged idempotency key, inserted by the service's role, does not reveal another user's decision."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.persistence.database.privileges import API
from adapters.persistence.database.service_roles import grant_privileges
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import TimeOrderedIdentifiers
from application.ports.decisions.idempotency import IdempotencyKey, OriginalResponseUnavailable
from application.use_cases.decisions.assess_loan_application import AssessLoanApplication, AssessmentRequest
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessmentResult, AssessOnce
from application.use_cases.decisions.request_content import claim_of
from domain.access.user import Actor, Role
from domain.applications.application_identity import NO_IDENTITY
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import A_MOMENT, a_decision_record, a_loan_application
from support.databases import Store, a_login, connected
from support.memory.clock import FixedClock
from support.memory.policy_in_force import MemoryPolicyInForce
from support.other_models import CHAMPION

BROKER, RIVAL = Actor("broker", Role.SERVICE), Actor("rival", Role.SERVICE)
APPLICATION = a_loan_application()
LARGER_REQUEST = a_loan_application(loan_amnt=30_000)
KEY = IdempotencyKey("monday-17")


@pytest.fixture
def assess(postgres_store: Store) -> AssessLoanApplication:
    return AssessLoanApplication(
        model=TableCreditModel(parse_bundle(CHAMPION, "the champion", PERSONAL_LOAN)),
        cache=None,
        policy=MemoryPolicyInForce(POLICY_1),
        ledger=postgres_store.ledger,
        clock=FixedClock(A_MOMENT),
        identifiers=TimeOrderedIdentifiers(),
    )


@pytest.fixture
async def service_url(migrated_url: str) -> AsyncIterator[str]:
    await grant_privileges(migrated_url)
    with a_login(migrated_url, f"IN ROLE {API}") as url:
        yield url


@pytest.mark.parametrize(("by", "application"), [(RIVAL, APPLICATION), (BROKER, LARGER_REQUEST)])
async def test_a_key_of_another_decision_is_not_used(
    service_url: str, assess: AssessLoanApplication, by: Actor, application: object
) -> None:
    other = await assess(application, by=by, received_through="api")  # type: ignore[arg-type]
    claim = claim_of(a_decision_record(application=APPLICATION, requested_by=BROKER, identity=NO_IDENTITY), KEY)
    async with connected(service_url) as connection:
        await connection.execute(
            "INSERT INTO idempotency_keys (actor, key, fingerprint, subject) VALUES ($1, $2, $3, $4)",
            claim.actor,
            claim.key,
            claim.fingerprint,
            other.decision_id,
        )
    with pytest.raises(OriginalResponseUnavailable, match="belongs to another request"):
        await AssessOnce(assess)(APPLICATION, key=KEY, by=BROKER, received_through="api")
    (outcome,) = await AssessMany(assess)([replace(AssessmentRequest(APPLICATION, BROKER, "api"), key=KEY)])
    assert isinstance(outcome, OriginalResponseUnavailable)


async def test_a_repeated_request_gets_the_first_decision(assess: AssessLoanApplication) -> None:
    once = AssessOnce(assess)
    first = await once(APPLICATION, key=KEY, by=BROKER, received_through="api")
    again = await once(a_loan_application(), key=KEY, by=BROKER, received_through="web")
    assert again == AssessmentResult(first.record, replayed=True)
