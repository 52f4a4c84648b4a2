"""Attempts to log in, counted in PostgreSQL: by all processes together, and by the database's clock."""

import logging
from collections.abc import Callable
from datetime import timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.connections import using
from adapters.persistence.tables import log_in_attempts as kept
from application.ports.log_in_attempts import LogInAttempts, TooManyAttempts
from domain.access.allowance import Allowance, LogInLimits, origin

_log = logging.getLogger(__name__)
_LONGEST_KEY = 64
"""Bytes that BLAKE2b takes as a key."""


class _Counted(NamedTuple):
    """What an attempt counts against."""

    limit: str
    key: bytes
    allowance: Allowance


class PostgresLogInAttempts(LogInAttempts):
    """One row an allowance that is in use; one transaction an attempt, which leaves nothing where it is refused.

    Rows are always locked in the same order, addresses before names before both together, so that nobody waits in
    a circle. `on_refusal` is told which limit was reached.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        limits: LogInLimits,
        *,
        secret: bytes,
        on_refusal: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._secret = secret[:_LONGEST_KEY]
        self._on_refusal = on_refusal

    async def begin(self, name: str, address: str) -> None:
        """Count an attempt."""
        place = origin(address)
        async with using(self._engine) as connection:
            for counted in await self._counted(connection, name, place):
                if not await _use_one(connection, counted):
                    wait = await _wait(connection, counted)
                    self._refused(counted.limit)
                    raise TooManyAttempts(wait)

    async def succeeded(self, name: str, address: str) -> None:
        """Give the attempt back."""
        place = origin(address)
        until = func.now() + self._limits.familiar_for
        familiar = insert(kept).values(key=self._key("familiar", name, place), until=until)
        async with using(self._engine) as connection:
            for _, key, allowance in await self._counted(connection, name, place):
                mine = kept.c.key == key
                await connection.execute(update(kept).where(mine).values(until=kept.c.until - allowance.each))
            await connection.execute(delete(kept).where(kept.c.key == self._key("together", name, place)))
            await connection.execute(
                familiar.on_conflict_do_update(index_elements=[kept.c.key], set_={"until": until})
            )

    async def forget(self, *, at_most: int) -> int:
        """Delete what is past; those who do so at the same time pass one another by."""
        past = select(kept.c.key).where(kept.c.until < func.now()).limit(at_most).with_for_update(skip_locked=True)
        async with using(self._engine) as connection:
            return (await connection.execute(delete(kept).where(kept.c.key.in_(past)))).rowcount

    async def _counted(self, connection: AsyncConnection, name: str, place: str) -> list[_Counted]:
        together = _Counted("log_in", self._key("together", name, place), self._limits.together)
        familiar = self._key("familiar", name, place)
        if await connection.scalar(select(kept.c.until > func.now()).where(kept.c.key == familiar)):
            return [together]
        return [
            _Counted("log_in_address", self._key("address", place), self._limits.address),
            _Counted("log_in_name", self._key("name", name), self._limits.name),
            together,
        ]

    def _key(self, *what: str) -> bytes:
        """What a row is found by: a digest that gives nothing away, and as long whatever was typed."""
        lengths = ",".join(str(len(part)) for part in what)  # so that nobody's name can end in an address
        text = "\0".join((lengths, *what)).encode("utf-8", "surrogatepass")
        return blake2b(text, digest_size=16, key=self._secret, person=b"log-in attempts").digest()

    def _refused(self, limit: str) -> None:
        self._on_refusal(limit)
        _log.warning("an attempt to log in was refused: too many had failed", extra={"limit": limit})


async def _use_one(connection: AsyncConnection, counted: _Counted) -> bool:
    each, within = counted.allowance.each, counted.allowance.within
    added = func.greatest(kept.c.until, func.now()) + each
    statement = (
        insert(kept)
        .values(key=counted.key, until=func.now() + each)
        .on_conflict_do_update(
            index_elements=[kept.c.key], set_={"until": added}, where=added <= func.now() + within
        )
        .returning(kept.c.key)
    )
    return await connection.scalar(statement) is not None


async def _wait(connection: AsyncConnection, counted: _Counted) -> timedelta:
    allowance = counted.allowance
    left: Any = kept.c.until - func.now()
    found: timedelta | None = await connection.scalar(select(left).where(kept.c.key == counted.key))
    return max(timedelta(), (found or timedelta()) + allowance.each - allowance.within)
