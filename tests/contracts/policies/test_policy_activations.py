"""The contract of every store of policy activations, and of the copies of the policy in force."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from adapters.memory.policy_in_force import RefreshedPolicyInForce
from adapters.memory.product_in_force import MemoryProductInForce
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.database.connections import database_engine
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.persistence.policies.policy_activations import PostgresPolicyActivations
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.audit.audit_trail import AuditTrail
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.operations.dependencies import DependencyUnavailable
from application.ports.policies.policies import Policies
from application.ports.policies.policy_activations import PolicyActivations
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.policies.activate_policy import ActivateInitialPolicy, ActivatePolicy
from application.use_cases.policies.read_policies import ListPolicyActivations, NoPolicyInForce, ReadPolicy
from domain.access.user import Actor, PermissionDenied, Role
from domain.audit.event import EventKind
from domain.policies.activation import PolicyAlreadyInForce, PolicyVersionTaken
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.engines import execute
from support.memory.decisions import MemoryDecisions
from support.memory.policy_activations import MemoryPolicyActivations
from support.memory.versions import MemoryPolicies

RITA = Actor("rita", Role.RISK_MANAGER)
PRODUCT = MemoryProductInForce(PERSONAL_LOAN)
STRICTER = replace(POLICY_1, version="2", approve_below=0.11)
NEW_EVENT = EventFactory(SystemClock(), TimeOrderedIdentifiers())


@dataclass
class Store:
    """The activations, the archive of policies, and the audit trail."""

    activations: PolicyActivations
    policies: Policies
    trail: AuditTrail

    @property
    def activate(self) -> ActivatePolicy:
        return ActivatePolicy(self.activations, NEW_EVENT)

    @property
    def activate_initial(self) -> ActivateInitialPolicy:
        return ActivateInitialPolicy(self.activations, NEW_EVENT)

    @property
    def copy(self) -> RefreshedPolicyInForce:
        """The copy of one more process."""
        return RefreshedPolicyInForce(self.activations, self.policies, PRODUCT)

    async def activated_on_trail(self) -> list[tuple[str, str]]:
        """Who activated which policy, by the audit trail."""
        events = [
            json.loads(document or b"")
            async for entry, document in self.trail.entries()
            if entry.action == EventKind.POLICY_ACTIVATED
        ]
        return [(event["actor"], event["details"]["policy_fingerprint"]) for event in events]


@pytest.fixture
async def store_in_postgres(migrated_url: str) -> AsyncIterator[Store]:
    engine = database_engine(migrated_url)
    yield Store(PostgresPolicyActivations(engine), PostgresPolicies(engine), PostgresAuditTrail(engine))
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        decisions, policies = MemoryDecisions(), MemoryPolicies()
        return Store(MemoryPolicyActivations(policies, decisions), policies, decisions)
    found: Store = request.getfixturevalue("store_in_postgres")
    return found


async def test_the_initial_policy_is_put_in_force_once(store: Store) -> None:
    assert await store.activations.last() is None
    assert await store.activate_initial(POLICY_1, by="os:ada")
    assert not await store.activate_initial(STRICTER, by="os:ada")
    last = await store.activations.last()
    assert last is not None
    assert (last.number, last.version, last.fingerprint, last.by) == (1, "1", POLICY_1.fingerprint, "os:ada")
    assert await store.activated_on_trail() == [("os:ada", POLICY_1.fingerprint)]


async def test_every_copy_follows_an_activation(store: Store) -> None:
    await store.activate_initial(POLICY_1, by="os:ada")
    one, other = store.copy, store.copy
    await asyncio.gather(one.refresh(), other.refresh())
    assert one() == other() == POLICY_1
    await store.activate(STRICTER, by=RITA)
    await asyncio.gather(one.refresh(), other.refresh())
    assert one() == other() == STRICTER
    assert [each.version for each in await ListPolicyActivations(store.activations)()] == ["2", "1"]
    assert await store.activated_on_trail() == [("os:ada", POLICY_1.fingerprint), ("rita", STRICTER.fingerprint)]


async def test_a_former_policy_can_be_put_in_force_again(store: Store) -> None:
    await store.activate(POLICY_1, by=RITA)
    await store.activate(STRICTER, by=RITA)
    await store.activate(POLICY_1, by=RITA)
    assert [each.number for each in await store.activations.all()] == [3, 2, 1]
    assert await ReadPolicy(store.activations, store.policies, PRODUCT)() == POLICY_1
    assert await ReadPolicy(store.activations, store.policies, PRODUCT)("2") == STRICTER
    with pytest.raises(VersionNotArchived):
        await ReadPolicy(store.activations, store.policies, PRODUCT)("3")


async def test_a_refused_activation_changes_nothing(store: Store) -> None:
    await store.activate(POLICY_1, by=RITA)
    with pytest.raises(PolicyAlreadyInForce):
        await store.activate(POLICY_1, by=RITA)
    with pytest.raises(PolicyVersionTaken):
        await store.activate(replace(STRICTER, version="1"), by=RITA)
    for role in (Role.ADMIN, Role.LOAN_OFFICER, Role.AUDITOR, Role.SERVICE):
        with pytest.raises(PermissionDenied):
            await store.activate(STRICTER, by=Actor("olga", role))
    assert [each.version for each in await store.activations.all()] == ["1"]
    assert len(await store.activated_on_trail()) == 1
    with pytest.raises(VersionNotArchived):
        await store.policies.find("1", replace(STRICTER, version="1").fingerprint, PERSONAL_LOAN)


async def test_nothing_is_decided_until_the_policy_is_known(store: Store) -> None:
    copy = store.copy
    with pytest.raises(DependencyUnavailable):
        copy()
    with pytest.raises(DependencyUnavailable, match="scoring migrate"):
        await copy.refresh()
    with pytest.raises(NoPolicyInForce):
        await ReadPolicy(store.activations, store.policies, PRODUCT)()
    await store.activate(POLICY_1, by=RITA)
    await copy.refresh()
    assert copy() == POLICY_1
    copy.invalidate()
    with pytest.raises(DependencyUnavailable):
        copy()


async def test_concurrent_activations_are_numbered_without_gaps(store_in_postgres: Store) -> None:
    policies = [replace(POLICY_1, version=str(number)) for number in range(1, 7)]
    await asyncio.gather(*(store_in_postgres.activate(policy, by=RITA) for policy in policies))
    activations = await store_in_postgres.activations.all()
    assert [each.number for each in activations] == [6, 5, 4, 3, 2, 1]
    assert {each.version for each in activations} == {policy.version for policy in policies}


async def test_a_policy_that_was_altered_is_not_followed(migrated_url: str, store_in_postgres: Store) -> None:
    await store_in_postgres.activate(POLICY_1, by=RITA)
    copy = store_in_postgres.copy
    await copy.refresh()
    altered = POLICY_1.document.replace('"decline_from":0.21', '"decline_from":0.9')
    assert altered != POLICY_1.document
    stored = f"INSERT INTO scoring_policies VALUES ('{STRICTER.fingerprint}', '1', $policy${altered}$policy$)"  # noqa: S608 - a test's own text
    activated = f"INSERT INTO policies_in_force VALUES (2, '{STRICTER.fingerprint}', now(), 'eve')"  # noqa: S608 - as above
    execute(migrated_url, f"SET session_replication_role = replica; {stored}; {activated}")
    with pytest.raises(DependencyUnavailable, match="was changed"):
        await copy.refresh()
    assert copy() == POLICY_1
