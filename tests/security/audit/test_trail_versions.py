"""Verification detects policies and model bundles that a superuser changed or removed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from adapters.persistence.audit.event_history import PostgresEventHistory
from adapters.persistence.audit.stored_versions import PostgresStoredVersions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.persistence.policies.policy_activations import PostgresPolicyActivations
from adapters.security.audit_signing import Ed25519Signatures
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.verify_activations import VerifyActivations
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from application.use_cases.models.archive_versions import ArchiveVersions
from application.use_cases.policies.activate_policy import ActivatePolicy
from domain.access.user import Actor, Role
from domain.policies.version_1 import POLICY_1
from support.builders import a_decision_record
from support.databases import Store, products_at
from support.engines import execute
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT, another_model

MODEL, POLICY = f"model bundle {CHAMPION_FINGERPRINT}", f"policy {POLICY_1.fingerprint}"


@pytest.fixture
async def verify(migrated_url: str, postgres_store: Store) -> AsyncIterator[VerifyAuditTrail]:
    """The verifier, with two decisions whose policy and model are stored."""
    engine = database_engine(migrated_url)
    keep = ArchiveVersions(PostgresBundles(engine), products_at(engine), PostgresPolicies(engine))
    await keep(CHAMPION_FINGERPRINT, CHAMPION, POLICY_1)
    for _ in range(2):
        await postgres_store.ledger.record(
            a_decision_record(model_fingerprint=CHAMPION_FINGERPRINT, policy_fingerprint=POLICY_1.fingerprint)
        )
    yield VerifyAuditTrail(
        postgres_store.trail,
        postgres_store.checkpoints,
        Ed25519Signatures(),
        versions=PostgresStoredVersions(engine),
    )
    await engine.dispose()


async def found(verify: VerifyAuditTrail) -> list[tuple[str, str]]:
    return [(one.place, one.why) for one in (await verify(by=Actor("arthur", Role.AUDITOR))).violations]


def tamper(url: str, statement: str) -> None:
    execute(url, f"SET session_replication_role = replica; {statement}")


async def test_genuine_stored_versions_are_valid(verify: VerifyAuditTrail) -> None:
    assert await found(verify) == []


POLICY_CHANGES = {
    "document = replace(document, '0.21', '0.25')": "its document was changed: it does not match the fingerprint",
    "document = ''": "its document was changed: it does not match the fingerprint",
    "version = '2'": "it is stored as version 2, but is version 1",
}


@pytest.mark.parametrize(("change", "why"), POLICY_CHANGES.items())
async def test_a_changed_policy_is_detected(
    migrated_url: str, verify: VerifyAuditTrail, change: str, why: str
) -> None:
    tamper(migrated_url, f"UPDATE scoring_policies SET {change}")  # noqa: S608 - a test's own text
    assert await found(verify) == [(POLICY, why)]


async def test_a_policy_changed_with_its_fingerprint_is_detected(
    migrated_url: str, verify: VerifyAuditTrail
) -> None:
    tamper(
        migrated_url,
        "UPDATE scoring_policies SET document = replace(document, '0.21', '0.25'), "
        "fingerprint = encode(sha256(convert_to(replace(document, '0.21', '0.25'), 'UTF8')), 'hex')",
    )
    ((place, why),) = await found(verify)
    assert place.startswith("decision ")
    assert why == f"it names {POLICY}, which is not stored; 1 more name it too"


BUNDLE_CHANGES = {
    "UPDATE model_bundles SET content = 'oak' WHERE file = 'trees.txt'": (
        "files were changed, added or removed: trees.txt"
    ),
    "DELETE FROM model_bundles WHERE file = 'manifest.json'": (
        "files were changed, added or removed: manifest.json"
    ),
    "UPDATE model_bundles SET content = content || 'x' WHERE file = 'SHA256SUMS'": (
        "its checksum list (SHA256SUMS) was changed or removed: it does not match the fingerprint"
    ),
    "DELETE FROM model_bundles WHERE file = 'SHA256SUMS'": (
        "its checksum list (SHA256SUMS) was changed or removed: it does not match the fingerprint"
    ),
    "INSERT INTO model_bundles SELECT fingerprint, 'extra.txt', 'x' FROM model_bundles LIMIT 1": (
        "files were changed, added or removed: extra.txt"
    ),
}


@pytest.mark.parametrize(("change", "why"), BUNDLE_CHANGES.items())
async def test_a_changed_bundle_is_detected(
    migrated_url: str, verify: VerifyAuditTrail, change: str, why: str
) -> None:
    tamper(migrated_url, change)
    assert await found(verify) == [(MODEL, why)]


async def test_a_replaced_model_is_detected(migrated_url: str, verify: VerifyAuditTrail) -> None:
    rows = ", ".join(
        f"('{CHAMPION_FINGERPRINT}', '{name}', '\\x{content.hex()}')" for name, content in another_model().items()
    )
    tamper(migrated_url, f"DELETE FROM model_bundles; INSERT INTO model_bundles VALUES {rows}")  # noqa: S608 - a test's own text
    ((place, why),) = await found(verify)
    assert place == MODEL
    assert "does not match the fingerprint" in why


@pytest.mark.parametrize(("table", "named"), [("scoring_policies", POLICY), ("model_bundles", MODEL)])
async def test_a_removed_version_is_detected(
    migrated_url: str, verify: VerifyAuditTrail, table: str, named: str
) -> None:
    tamper(migrated_url, f"DELETE FROM {table}")  # noqa: S608 - a test's own text
    ((place, why),) = await found(verify)
    assert UUID(place.removeprefix("decision "))
    assert why == f"it names {named}, which is not stored; 1 more name it too"


async def test_a_decision_of_the_first_release_needs_no_policy(
    verify: VerifyAuditTrail, postgres_store: Store
) -> None:
    await postgres_store.ledger.record(a_decision_record(model_fingerprint=CHAMPION_FINGERPRINT))
    assert await found(verify) == []


RITA = Actor("rita", Role.RISK_MANAGER)
STRICTER = replace(POLICY_1, version="2", approve_below=0.11)


@pytest.fixture
async def verify_activations(migrated_url: str, postgres_store: Store) -> AsyncIterator[VerifyAuditTrail]:
    """The verifier, with policy 1, policy 2 and policy 1 activated in this order."""
    engine = database_engine(migrated_url)
    activations = PostgresPolicyActivations(engine)
    activate = ActivatePolicy(activations, EventFactory(SystemClock(), TimeOrderedIdentifiers()))
    for policy in (POLICY_1, STRICTER, POLICY_1):
        await activate(policy, by=RITA)
    yield VerifyAuditTrail(
        postgres_store.trail,
        postgres_store.checkpoints,
        Ed25519Signatures(),
        activations=VerifyActivations(activations, PostgresEventHistory(engine)),
    )
    await engine.dispose()


async def test_genuine_activations_are_valid(verify_activations: VerifyAuditTrail) -> None:
    assert await found(verify_activations) == []


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            f"INSERT INTO policies_in_force VALUES (4, '{STRICTER.fingerprint}', now(), 'rita')",  # noqa: S608 - a test's own text
            "activation 4 has no event: it was inserted directly, or its event was removed",
        ),
        ("DELETE FROM policies_in_force WHERE number = 3", "activation 3 was removed; an event records it"),
        (
            f"UPDATE policies_in_force SET fingerprint = '{STRICTER.fingerprint}' WHERE number = 3",  # noqa: S608 - as above
            "activation 3 was changed: its event records policy 1, by rita",
        ),
        (
            "UPDATE policies_in_force SET activated_by = 'olga' WHERE number = 1",
            "activation 1 was changed: its event records policy 1, by rita",
        ),
    ],
)
async def test_a_policy_put_in_force_without_an_event_is_detected(
    verify_activations: VerifyAuditTrail, migrated_url: str, statement: str, why: str
) -> None:
    tamper(migrated_url, statement)
    assert await found(verify_activations) == [("policy in force", why)]
