"""Consumers of the audit trail in PostgreSQL."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Row, bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.pending_entries import PREPARE, count_pending, with_pending
from adapters.persistence.database.connections import transaction
from application.ports.audit.trail_following import TrailConsumer

_LOCK = 1_905_310_281
"""With the hash of the consumer's name, the advisory lock of the process that follows for the consumer."""
_POSITIONS = "(SELECT chain, length FROM trail_positions WHERE consumer = :consumer) AS positions"
_SKIP = """
INSERT INTO trail_positions (consumer, chain, length, began)
SELECT :consumer, chain, max(sequence), max(sequence) FROM audit_entries GROUP BY chain
ON CONFLICT (consumer, chain) DO UPDATE SET length = excluded.length, began = excluded.began
"""
_COUNT_PENDING = text(count_pending(_POSITIONS))


class PostgresTrailConsumer(TrailConsumer):
    """Handles entries in the transaction that advances the positions; one process at a time does so.

    `name` is that of the positions. `relevant` is a query over `pending` (chain, sequence, subject, action, at)
    that selects what concerns the consumer, or an INSERT with RETURNING that already handles it. It returns a
    column `subject` that is never NULL, and may use `parameters`, given for each part.
    """

    name: ClassVar[str]
    relevant: ClassVar[str]

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.statement = text(_following(self.relevant)).bindparams(bindparam("limit", type_=BigInteger()))

    async def follow(self, limit: int) -> int | None:
        async with transaction(self._engine) as connection:
            lock = func.pg_try_advisory_xact_lock(_LOCK, func.hashtext(self.name))
            if not await connection.scalar(select(lock)):
                return None
            await connection.execute(text(PREPARE))
            given = {"limit": limit, "consumer": self.name, **self.parameters()}
            rows = (await connection.execute(self.statement, given)).all()
            if relevant := [row for row in rows if row.subject is not None]:
                await self.handle(connection, relevant)
            followed: int = rows[0].followed
        return followed

    async def pending(self) -> int:
        async with transaction(self._engine) as connection:
            count: int = await connection.scalar(_COUNT_PENDING, {"consumer": self.name}) or 0
        return count

    async def skip(self) -> None:
        """Take everything that is recorded so far as handled."""
        async with transaction(self._engine) as connection:
            await connection.execute(text(_SKIP), {"consumer": self.name})

    def parameters(self) -> Mapping[str, Any]:
        """The parameters of `relevant`."""
        return {}

    @abstractmethod
    async def handle(self, connection: AsyncConnection, rows: Sequence[Row[Any]]) -> None:
        """Handle the rows of `relevant`, in the transaction; what this raises leaves the positions unchanged.

        `PREPARE` is in force: the planner avoids reading whole tables.
        """


def _following(relevant: str) -> str:
    return f"""
{with_pending(_POSITIONS)}, relevant AS ({relevant}), positions AS (
    INSERT INTO trail_positions (consumer, chain, length)
    SELECT :consumer, chain, max(sequence) FROM pending GROUP BY chain
    ON CONFLICT (consumer, chain) DO UPDATE SET length = excluded.length
)
SELECT (SELECT count(*) FROM pending) AS followed, relevant.*
FROM (VALUES (true)) AS always LEFT JOIN relevant ON true
"""  # noqa: S608 - our own text
