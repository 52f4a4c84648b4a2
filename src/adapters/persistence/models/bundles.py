"""Model bundles in PostgreSQL, where every replica can read them."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import model_bundles
from application.ports.models.bundles import Bundles


class PostgresBundles(Bundles):
    """A row a file: all of a bundle's or none."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def archive(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        """Keep a bundle; its megabyte is sent only where it is not kept yet."""
        kept = select(model_bundles.c.file).where(model_bundles.c.fingerprint == fingerprint)
        rows = [{"fingerprint": fingerprint, "file": name, "content": files[name]} for name in sorted(files)]
        async with transaction(self._engine) as connection:
            if set(await connection.scalars(kept)) < set(files):
                await connection.execute(insert(model_bundles).on_conflict_do_nothing(), rows)

    async def find(self, fingerprint: str) -> Mapping[str, bytes] | None:
        """The bundle of this fingerprint."""
        wanted = select(model_bundles.c.file, model_bundles.c.content)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(wanted.where(model_bundles.c.fingerprint == fingerprint))).all()
        return {row.file: row.content for row in rows} or None
