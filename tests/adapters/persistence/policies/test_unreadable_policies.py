"""A policy or product whose document cannot be read is counted, and says why it cannot be used."""

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.persistence.products.products import PostgresProducts
from application.ports.models.version_not_archived import VersionNotArchived
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.stored_product import read_product
from support.databases import connected
from support.paths import PROJECT

AUTO_LOAN = read_product((PROJECT / "examples" / "auto_loan" / "product.json").read_text())
DAMAGED = (
    '{"version": ',
    "[]",
    '{"kind": "decision", "schema": 1}',
    '{"kind": "policy", "schema": 99}',
    "[" * 5000,
)


@pytest.mark.parametrize("document", DAMAGED, ids=range(len(DAMAGED)))
async def test_damaged_policies_and_products_are_counted(migrated_url: str, document: str) -> None:
    engine = database_engine(migrated_url)
    counted: list[tuple[str, str]] = []
    unreadable = UnreadableDocuments(lambda kind, fault: counted.append((kind, fault)))
    policies = PostgresPolicies(engine, unreadable)
    products = PostgresProducts(engine, unreadable, in_force=PERSONAL_LOAN, of_schema_1=PERSONAL_LOAN)
    try:
        await policies.archive(POLICY_1)
        await products.archive(AUTO_LOAN)
        async with connected(migrated_url) as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table in ("scoring_policies", "product_definitions"):
                await connection.execute(f"UPDATE {table} SET document = $1", document)  # noqa: S608 - our own names
        with pytest.raises(VersionNotArchived, match="is archived, but"):
            await policies.find(POLICY_1.version, POLICY_1.fingerprint, PERSONAL_LOAN)
        with pytest.raises(VersionNotArchived, match="is archived, but"):
            await products.find(AUTO_LOAN.product_version, AUTO_LOAN.fingerprint)
    finally:
        await engine.dispose()
    assert [kind for kind, _ in counted] == ["policy", "product"]


async def test_a_policy_of_another_product_is_no_damage(migrated_url: str) -> None:
    engine = database_engine(migrated_url)
    counted: list[str] = []
    policies = PostgresPolicies(engine, UnreadableDocuments(lambda kind, _: counted.append(kind)))
    try:
        await policies.archive(POLICY_1)
        with pytest.raises(VersionNotArchived, match="is for personal_loan 1, not for auto_loan 1"):
            await policies.find(POLICY_1.version, POLICY_1.fingerprint, AUTO_LOAN)
    finally:
        await engine.dispose()
    assert counted == []
