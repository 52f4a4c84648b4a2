"""Scoring policies in PostgreSQL, where every replica can read them."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import scoring_policies
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import InvalidPolicy, policy_from


class PostgresPolicies(Policies):
    """A row a policy: its document, which its fingerprint is taken of."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def archive(self, policy: ScoringPolicy) -> None:
        """Keep a policy."""
        row = {"fingerprint": policy.fingerprint, "version": policy.version, "document": policy.document}
        async with transaction(self._engine) as connection:
            await connection.execute(insert(scoring_policies).values(row).on_conflict_do_nothing())

    async def find(self, version: str, fingerprint: str) -> ScoringPolicy:
        """The policy of this fingerprint."""
        wanted = select(scoring_policies).where(scoring_policies.c.version == version)
        if fingerprint:
            wanted = wanted.where(scoring_policies.c.fingerprint == fingerprint)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(wanted)).all()
        if len(rows) != 1:
            raise VersionNotArchived(f"policy {version} {fingerprint} is not kept here")
        try:
            policy = policy_from(rows[0].document)
        except InvalidPolicy as fault:
            raise VersionNotArchived(f"policy {version} {fingerprint} is kept, but {fault}") from fault
        if policy.fingerprint != rows[0].fingerprint:
            raise VersionNotArchived(f"policy {version} {fingerprint} is kept, but was changed")
        return policy
