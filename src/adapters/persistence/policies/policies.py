"""Scoring policies in PostgreSQL, where every replica can read them."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import scoring_policies
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from application.ports.models.version_not_archived import ArchivedForOtherProduct, VersionNotArchived
from application.ports.policies.policies import Policies
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import InvalidPolicy, PolicyOfOtherProduct, policy_from
from domain.products.product_definition import ProductDefinition
from domain.stored_document import DocumentFault, UnreadableDocument


class PostgresPolicies(Policies):
    """One row per policy: the document, whose SHA-256 is the fingerprint.

    Policies stay in memory once they are read and verified, since there are few and they never change.
    """

    def __init__(self, engine: AsyncEngine, unreadable: UnreadableDocuments | None = None) -> None:
        self._engine = engine
        self._known: dict[tuple[str, str, str], ScoringPolicy] = {}
        self._unreadable = unreadable or UnreadableDocuments()

    async def archive(self, policy: ScoringPolicy) -> None:
        row = {"fingerprint": policy.fingerprint, "version": policy.version, "document": policy.document}
        async with transaction(self._engine) as connection:
            await connection.execute(insert(scoring_policies).values(row).on_conflict_do_nothing())

    async def find(self, version: str, fingerprint: str, product: ProductDefinition) -> ScoringPolicy:
        key = version, fingerprint, product.fingerprint
        if not fingerprint:  # another policy of this version may be archived later
            return await self._read(version, fingerprint, product)
        if key not in self._known:
            self._known[key] = await self._read(version, fingerprint, product)
        return self._known[key]

    async def _read(self, version: str, fingerprint: str, product: ProductDefinition) -> ScoringPolicy:
        query = select(scoring_policies).where(scoring_policies.c.version == version)
        if fingerprint:
            query = query.where(scoring_policies.c.fingerprint == fingerprint)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        if len(rows) != 1:
            raise VersionNotArchived(f"policy {version} {fingerprint} is not archived")
        try:
            policy = policy_from(rows[0].document, product)
        except PolicyOfOtherProduct as fault:
            raise ArchivedForOtherProduct(f"policy {version} {fingerprint} is archived, but {fault}") from fault
        except InvalidPolicy as fault:
            why = UnreadableDocument(DocumentFault.INVALID_CONTENT, str(fault))
            self._unreadable.report("policy", rows[0].fingerprint, why)
            raise VersionNotArchived(f"policy {version} {fingerprint} is archived, but {fault}") from fault
        if policy.fingerprint != rows[0].fingerprint:
            raise VersionNotArchived(f"policy {version} {fingerprint} is archived, but was changed")
        return policy
