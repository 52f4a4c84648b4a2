"""The versions that decided, kept in PostgreSQL, where every replica finds them."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import using
from adapters.persistence.database.tables import model_bundles, scoring_policies
from application.ports.models.bundles import Bundles
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.policies.policies import Policies
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import InvalidPolicy, policy_from


class PostgresBundles(Bundles):
    """A row a file: all of a bundle's or none."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def archive(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        """Keep a bundle; its megabyte is sent only where it is not kept yet."""
        kept = select(model_bundles.c.file).where(model_bundles.c.fingerprint == fingerprint)
        rows = [{"fingerprint": fingerprint, "file": name, "content": files[name]} for name in sorted(files)]
        async with using(self._engine) as connection:
            if set(await connection.scalars(kept)) < set(files):
                await connection.execute(insert(model_bundles).on_conflict_do_nothing(), rows)

    async def find(self, fingerprint: str) -> Mapping[str, bytes] | None:
        """The bundle of this fingerprint."""
        wanted = select(model_bundles.c.file, model_bundles.c.content)
        async with using(self._engine) as connection:
            rows = (await connection.execute(wanted.where(model_bundles.c.fingerprint == fingerprint))).all()
        return {row.file: row.content for row in rows} or None


class PostgresPolicies(Policies):
    """A row a policy: its document, which its fingerprint is taken of."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def archive(self, policy: ScoringPolicy) -> None:
        """Keep a policy."""
        row = {"fingerprint": policy.fingerprint, "version": policy.version, "document": policy.document}
        async with using(self._engine) as connection:
            await connection.execute(insert(scoring_policies).values(row).on_conflict_do_nothing())

    async def find(self, version: str, fingerprint: str) -> ScoringPolicy:
        """The policy of this fingerprint."""
        wanted = select(scoring_policies).where(scoring_policies.c.version == version)
        if fingerprint:
            wanted = wanted.where(scoring_policies.c.fingerprint == fingerprint)
        async with using(self._engine) as connection:
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
