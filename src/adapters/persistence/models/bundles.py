"""Model bundles in PostgreSQL, where every replica can read them."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import model_bundles
from application.ports.models.bundles import Bundles


class PostgresBundles(Bundles):
    """One row per file; a bundle is stored completely or not at all."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def archive(self, fingerprint: str, files: Mapping[str, bytes]) -> None:
        """Store a bundle. Its content, about 1 MB, is sent only if it is not stored yet."""
        stored = select(model_bundles.c.file).where(model_bundles.c.fingerprint == fingerprint)
        rows = [{"fingerprint": fingerprint, "file": name, "content": files[name]} for name in sorted(files)]
        async with transaction(self._engine) as connection:
            if set(await connection.scalars(stored)) < set(files):
                await connection.execute(insert(model_bundles).on_conflict_do_nothing(), rows)

    async def find(self, fingerprint: str) -> Mapping[str, bytes] | None:
        query = select(model_bundles.c.file, model_bundles.c.content)
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query.where(model_bundles.c.fingerprint == fingerprint))).all()
        return {row.file: row.content for row in rows} or None
