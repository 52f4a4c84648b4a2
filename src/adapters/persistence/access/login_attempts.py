"""Attempts to log in, counted in PostgreSQL: by all processes together, and by the database's clock."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple, NoReturn

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import log_in_attempts as kept
from application.ports.access.login_attempts import LoginAttempts, TooManyAttempts
from domain.access.rate_limit import LoginLimits, RateLimit, origin

_log = logging.getLogger(__name__)
_LONGEST_KEY = 64
"""Bytes that BLAKE2b takes as a key."""

_Until = dict[bytes, datetime]

_LOOK = text("""
SELECT now(), key, until
FROM (SELECT) AS always LEFT JOIN log_in_attempts ON key = ANY(CAST(:keys AS bytea[]))
""")
_USE_ONE_OF_EACH = text("""
WITH asked AS (
    SELECT * FROM unnest(CAST(:keys AS bytea[]), CAST(:each AS interval[]), CAST(:within AS interval[]))
    AS one (key, each, within)
)
INSERT INTO log_in_attempts AS kept (key, until) SELECT key, now() + each FROM asked
ON CONFLICT (key) DO UPDATE SET until = greatest(kept.until, now()) + (excluded.until - now())
WHERE greatest(kept.until, now()) + (excluded.until - now())
    <= now() + (SELECT within FROM asked WHERE asked.key = kept.key)
RETURNING key
""")
"""Those that had one left. SQLAlchemy's own expressions would take three times as long, each time anew."""


class _Counted(NamedTuple):
    """What an attempt counts against."""

    limit: str
    key: bytes
    allowance: RateLimit


class PostgresLoginAttempts(LoginAttempts):
    """One row an allowance that is in use; one transaction an attempt, which leaves nothing where it is refused.

    A refused attempt looks, and writes nothing. Rows are always locked in the same order, addresses before names
    before both together, so that nobody waits in a circle. `on_refusal` is told which limit was reached.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        limits: LoginLimits,
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
        async with transaction(self._engine) as connection:
            counted = await self._allowed(connection, name, address)
            asked = {
                "keys": [each.key for each in counted],
                "each": [each.allowance.each for each in counted],
                "within": [each.allowance.within for each in counted],
            }
            used = (await connection.execute(_USE_ONE_OF_EACH, asked)).all()
            if len(used) < len(counted):  # others came between looking and counting
                await self._allowed(connection, name, address)
                self._refuse(counted[-1], counted[-1].allowance.each)

    async def succeeded(self, name: str, address: str) -> None:
        """Give the attempt back."""
        place = origin(address)
        familiar_until = func.now() + self._limits.familiar_for
        familiar = insert(kept).values(key=self._key("familiar", name, place), until=familiar_until)
        async with transaction(self._engine) as connection:
            found, now = await self._look(connection, name, place)
            for _, key, allowance in self._counted(name, place, found, now):
                mine = kept.c.key == key
                await connection.execute(update(kept).where(mine).values(until=kept.c.until - allowance.each))
            await connection.execute(delete(kept).where(kept.c.key == self._key("together", name, place)))
            await connection.execute(
                familiar.on_conflict_do_update(index_elements=[kept.c.key], set_={"until": familiar_until})
            )

    async def purge(self, *, limit: int) -> int:
        """Delete what is past; those who do so at the same time pass one another by."""
        past = select(kept.c.key).where(kept.c.until < func.now()).limit(limit).with_for_update(skip_locked=True)
        async with transaction(self._engine) as connection:
            return (await connection.execute(delete(kept).where(kept.c.key.in_(past)))).rowcount

    async def _allowed(self, connection: AsyncConnection, name: str, address: str) -> list[_Counted]:
        """What an attempt counts against, if all of it allows one more."""
        place = origin(address)
        found, now = await self._look(connection, name, place)
        all_counted = self._counted(name, place, found, now)
        for counted in all_counted:
            wait = counted.allowance.wait(found.get(counted.key, now), now)
            if wait > timedelta():
                self._refuse(counted, wait)
        return all_counted

    async def _look(self, connection: AsyncConnection, name: str, place: str) -> tuple[_Until, datetime]:
        """What there is of the rows that an attempt may concern, and the time by the database's clock."""
        keys = [self._key("address", place), self._key("name", name)]
        keys += [self._key(what, name, place) for what in ("together", "familiar")]
        rows = (await connection.execute(_LOOK, {"keys": keys})).all()
        return {row.key: row.until for row in rows if row.key}, rows[0].now

    def _counted(self, name: str, place: str, found: _Until, now: datetime) -> list[_Counted]:
        together = _Counted("log_in", self._key("together", name, place), self._limits.together)
        if found.get(self._key("familiar", name, place), now) > now:
            return [together]
        return [
            _Counted("log_in_address", self._key("address", place), self._limits.address),
            _Counted("log_in_name", self._key("name", name), self._limits.name),
            together,
        ]

    def _key(self, *what: str) -> bytes:
        """What a row is found by: a digest that gives nothing away, and as long whatever was typed."""
        lengths = ",".join(str(len(part)) for part in what)  # so that nobody's name can end in an address
        content = "\0".join((lengths, *what)).encode("utf-8", "surrogatepass")
        return blake2b(content, digest_size=16, key=self._secret, person=b"log-in attempts").digest()

    def _refuse(self, counted: _Counted, wait: timedelta) -> NoReturn:
        self._on_refusal(counted.limit)
        _log.warning("an attempt to log in was refused: too many had failed", extra={"limit": counted.limit})
        raise TooManyAttempts(wait)
