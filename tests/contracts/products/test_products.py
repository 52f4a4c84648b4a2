"""The contract of every archive of product definitions."""

from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from adapters.memory.products import MemoryProducts
from adapters.persistence.database.connections import database_engine
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.products.products import Products
from domain.applications.loan_application import ProductVersion
from domain.products.personal_loan import PERSONAL_LOAN
from support.databases import connected, products_at
from support.engines import execute

OTHER = replace(PERSONAL_LOAN, name="other_loan", version="7", label="Another loan")


@pytest.fixture
async def in_postgres(migrated_url: str) -> AsyncIterator[Products]:
    engine = database_engine(migrated_url)
    yield products_at(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def products(request: pytest.FixtureRequest) -> Products:
    found: Products = (
        MemoryProducts(PERSONAL_LOAN) if request.param == "memory" else request.getfixturevalue("in_postgres")
    )
    return found


async def test_an_archived_definition_is_found_by_its_fingerprint(products: Products) -> None:
    await products.archive(OTHER)
    await products.archive(OTHER)
    assert await products.find(OTHER.product_version, OTHER.fingerprint) == OTHER


async def test_records_of_schema_1_are_of_the_personal_loan(products: Products) -> None:
    assert await products.find(PERSONAL_LOAN.product_version, "") == PERSONAL_LOAN


@pytest.mark.parametrize(
    ("version", "fingerprint"),
    [
        (OTHER.product_version, OTHER.fingerprint),
        (OTHER.product_version, ""),
        (ProductVersion("personal_loan", "2"), PERSONAL_LOAN.fingerprint),
    ],
)
async def test_a_definition_that_is_not_archived_is_named(
    products: Products, version: ProductVersion, fingerprint: str
) -> None:
    with pytest.raises(VersionNotArchived, match=f"product {version}"):
        await products.find(version, fingerprint)


async def test_another_process_reads_what_was_archived(migrated_url: str, in_postgres: Products) -> None:
    await in_postgres.archive(OTHER)
    engine = database_engine(migrated_url)
    assert await products_at(engine).find(OTHER.product_version, OTHER.fingerprint) == OTHER
    await engine.dispose()


async def test_a_changed_document_is_detected(migrated_url: str, in_postgres: Products) -> None:
    await in_postgres.archive(OTHER)
    execute(
        migrated_url,
        "SET session_replication_role = replica; "
        "UPDATE product_definitions SET document = replace(document, 'Another', 'A changed')",
    )
    with pytest.raises(VersionNotArchived, match="was changed"):
        await in_postgres.find(OTHER.product_version, OTHER.fingerprint)


async def test_the_database_refuses_a_document_with_another_fingerprint(migrated_url: str) -> None:
    async with connected(migrated_url) as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="SHA-256"):
            await connection.execute(
                "INSERT INTO product_definitions VALUES ($1, 'other_loan', '7', $2)", "f" * 64, OTHER.document
            )
