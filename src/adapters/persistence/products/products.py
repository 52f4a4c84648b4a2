"""Product definitions in PostgreSQL, where every replica can read them."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import product_definitions
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.products.products import Products
from domain.applications.loan_application import ProductVersion
from domain.products.product_definition import ProductDefinition
from domain.products.stored_product import UnreadableProduct, product_from
from domain.stored_document import DocumentFault, UnreadableDocument


class PostgresProducts(Products):
    """One row per definition: the document, whose SHA-256 is the fingerprint.

    Definitions stay in memory once they are read, since there are few and they never change. `of_schema_1` is the
    product of records that name no fingerprint.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        unreadable: UnreadableDocuments | None = None,
        *,
        in_force: ProductDefinition,
        of_schema_1: ProductDefinition,
    ) -> None:
        self._engine = engine
        self._unreadable = unreadable or UnreadableDocuments()
        self._of_schema_1 = of_schema_1
        self._known = {product.fingerprint: product for product in (of_schema_1, in_force)}

    async def archive(self, product: ProductDefinition) -> None:
        row = {
            "fingerprint": product.fingerprint,
            "name": product.name,
            "version": product.version,
            "document": product.document,
        }
        async with transaction(self._engine) as connection:
            await connection.execute(insert(product_definitions).values(row).on_conflict_do_nothing())

    async def find(self, version: ProductVersion, fingerprint: str) -> ProductDefinition:
        product = self._known.get(fingerprint) if fingerprint else self._of_schema_1
        if product is None:
            product = self._known[fingerprint] = await self._read(version, fingerprint)
        if product.product_version != version:
            raise VersionNotArchived(f"product {version} {fingerprint} is not archived")
        return product

    async def _read(self, version: ProductVersion, fingerprint: str) -> ProductDefinition:
        columns = product_definitions.c
        query = select(columns.document).where(columns.fingerprint == fingerprint)
        async with transaction(self._engine) as connection:
            document = await connection.scalar(query)
        if document is None:
            raise VersionNotArchived(f"product {version} {fingerprint} is not archived")
        try:
            product = product_from(document)
        except UnreadableProduct as fault:
            why = UnreadableDocument(DocumentFault.INVALID_CONTENT, str(fault))
            self._unreadable.report("product", fingerprint, why)
            raise VersionNotArchived(f"product {version} {fingerprint} is archived, but {fault}") from fault
        if product.fingerprint != fingerprint:
            raise VersionNotArchived(f"product {version} {fingerprint} is archived, but was changed")
        return product
