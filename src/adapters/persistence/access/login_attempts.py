"""Login attempts counted in PostgreSQL, shared by all processes and timed by the database's clock."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple, NoReturn

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import log_in_attempts as attempts
from application.ports.access.login_attempts import LoginAttempts, TooManyAttempts
from domain.access.rate_limit import LoginLimits, RateLimit, origin
from domain.audit.event import RecordedEvent

_log = logging.getLogger(__name__)
_MAX_KEY_BYTES = 64
"""BLAKE2b's limit on the length of a key."""

_Until = dict[bytes, datetime]

_FIND_ROWS = text("""
SELECT now(), key, until
FROM (SELECT) AS always LEFT JOIN log_in_attempts ON key = ANY(CAST(:keys AS bytea[]))
""")
_CONSUME = text("""
WITH requested AS (
    SELECT * FROM unnest(
        CAST(:keys AS bytea[]), CAST(:each AS interval[]), CAST(:within AS interval[]), CAST(:names AS bytea[])
    ) AS one (key, each, within, name_key)
)
INSERT INTO log_in_attempts AS attempts (key, until, name_key) SELECT key, now() + each, name_key FROM requested
ON CONFLICT (key) DO UPDATE
SET until = greatest(attempts.until, now()) + (excluded.until - now()), name_key = excluded.name_key
WHERE greatest(attempts.until, now()) + (excluded.until - now())
    <= now() + (SELECT within FROM requested WHERE requested.key = attempts.key)
RETURNING key
""")
"""Returns the buckets that allowed one more attempt. The same as SQLAlchemy expressions would take three times as
long to build, on every attempt.
"""


class _Bucket(NamedTuple):
    """A rate limit that an attempt counts against, and the key of its row."""

    limit: str
    key: bytes
    rate_limit: RateLimit
    name_key: bytes | None = None


class PostgresLoginAttempts(LoginAttempts):
    """One row per rate limit in use. A refused attempt changes nothing.

    Rows are always locked in the same order (address, name, both together) to avoid deadlocks. `on_refusal` is
    called with the name of the limit that was reached.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        limits: LoginLimits,
        *,
        secret: bytes,
        on_refusal: Callable[[str], None] = lambda _: None,
        events: EventChain | None = None,
    ) -> None:
        self._events = events or EventChain()
        self._engine = engine
        self._limits = limits
        self._secret = secret[:_MAX_KEY_BYTES]
        self._on_refusal = on_refusal

    async def begin(self, name: str, address: str) -> None:
        async with transaction(self._engine) as connection:
            buckets = await self._check(connection, name, address)
            parameters = {
                "keys": [bucket.key for bucket in buckets],
                "each": [bucket.rate_limit.each for bucket in buckets],
                "within": [bucket.rate_limit.within for bucket in buckets],
                "names": [bucket.name_key for bucket in buckets],
            }
            used = (await connection.execute(_CONSUME, parameters)).all()
            if len(used) < len(buckets):  # other attempts were counted since the check
                await self._check(connection, name, address)
                self._refuse(buckets[-1], buckets[-1].rate_limit.each)

    async def succeeded(self, name: str, address: str) -> None:
        network = origin(address)
        familiar_until = func.now() + self._limits.familiar_for
        familiar = insert(attempts).values(key=self._key("familiar", name, network), until=familiar_until)
        async with transaction(self._engine) as connection:
            full_at, now = await self._find_rows(connection, name, network)
            for bucket in self._buckets(name, network, full_at, now):
                earlier = attempts.c.until - bucket.rate_limit.each
                await connection.execute(
                    update(attempts).where(attempts.c.key == bucket.key).values(until=earlier)
                )
            await connection.execute(
                delete(attempts).where(attempts.c.key == self._key("together", name, network))
            )
            await connection.execute(
                familiar.on_conflict_do_update(index_elements=[attempts.c.key], set_={"until": familiar_until})
            )

    async def locked_until(self, names: Sequence[str]) -> Mapping[str, datetime]:
        by_key = {self._key("user", name): name for name in names}
        query = select(func.now().label("now"), attempts.c.key, attempts.c.until, attempts.c.name_key).where(
            attempts.c.name_key.in_(by_key), attempts.c.until > func.now()
        )
        found: dict[str, datetime] = {}
        async with transaction(self._engine) as connection:
            rows = (await connection.execute(query)).all()
        for row in rows:
            name = by_key[row.name_key]
            of_name = row.key == self._key("name", name)
            limit = self._limits.name if of_name else self._limits.per_username_and_address
            end = row.now + limit.wait(row.until, row.now)
            if end > row.now:
                found[name] = max(end, found.get(name, end))
        return found

    async def unlock(self, name: str, *, event: RecordedEvent) -> bool:
        counted = delete(attempts).where(attempts.c.name_key == self._key("user", name))
        async with transaction(self._engine) as connection:
            unlocked = (await connection.execute(counted)).rowcount > 0
            if unlocked:
                await self._events.append(connection, event)
        return unlocked

    async def purge(self, *, limit: int) -> int:
        past = (
            select(attempts.c.key)
            .where(attempts.c.until < func.now())
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with transaction(self._engine) as connection:
            return (await connection.execute(delete(attempts).where(attempts.c.key.in_(past)))).rowcount

    async def _check(self, connection: AsyncConnection, name: str, address: str) -> list[_Bucket]:
        """The rate limits that an attempt counts against. Raises TooManyAttempts if one of them is exhausted."""
        network = origin(address)
        full_at, now = await self._find_rows(connection, name, network)
        buckets = self._buckets(name, network, full_at, now)
        for bucket in buckets:
            wait = bucket.rate_limit.wait(full_at.get(bucket.key, now), now)
            if wait > timedelta():
                self._refuse(bucket, wait)
        return buckets

    async def _find_rows(self, connection: AsyncConnection, name: str, network: str) -> tuple[_Until, datetime]:
        """The existing rows that may concern an attempt and the database's time."""
        keys = [self._key("address", network), self._key("name", name)]
        keys += [self._key(what, name, network) for what in ("together", "familiar")]
        rows = (await connection.execute(_FIND_ROWS, {"keys": keys})).all()
        return {row.key: row.until for row in rows if row.key}, rows[0].now

    def _buckets(self, name: str, network: str, full_at: _Until, now: datetime) -> list[_Bucket]:
        name_key = self._key("user", name)
        per_username_and_address = _Bucket(
            "log_in", self._key("together", name, network), self._limits.per_username_and_address, name_key
        )
        if full_at.get(self._key("familiar", name, network), now) > now:
            return [per_username_and_address]
        return [
            _Bucket("log_in_address", self._key("address", network), self._limits.address),
            _Bucket("log_in_name", self._key("name", name), self._limits.name, name_key),
            per_username_and_address,
        ]

    def _key(self, *what: str) -> bytes:
        """The key of a row: a keyed digest of fixed length, which reveals neither name nor address."""
        lengths = ",".join(
            str(len(part)) for part in what
        )  # so that a name cannot be confused with name and address
        content = "\0".join((lengths, *what)).encode("utf-8", "surrogatepass")
        return blake2b(content, digest_size=16, key=self._secret, person=b"log-in attempts").digest()

    def _refuse(self, bucket: _Bucket, wait: timedelta) -> NoReturn:
        self._on_refusal(bucket.limit)
        _log.warning("login attempt refused after too many failures", extra={"limit": bucket.limit})
        raise TooManyAttempts(wait)
