"""The contract of every counter of login attempts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.persistence.access.login_attempts import PostgresLoginAttempts
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.database.connections import database_engine
from application.ports.access.login_attempts import LoginAttempts, TooManyAttempts
from application.use_cases.access.purge_login_attempts import PurgeLoginAttempts
from support.builders import A_MOMENT, an_event, login_limits
from support.engines import execute
from support.memory.clock import FixedClock

OFFICE, CAFE = "192.0.2.1", "198.51.100.7"
LIMITS = login_limits(per_username_and_address=3, name=5, address=6)
EACH = timedelta(minutes=5)
"""How long one of three attempts in a quarter of an hour takes to refill."""


@dataclass
class AttemptCounter:
    """Login attempts with a clock that is set by hand."""

    attempts: LoginAttempts
    advance: Callable[[timedelta], None]

    async def fail(self, name: str, address: str = OFFICE, times: int = 1) -> None:
        """Fail attempts that are allowed."""
        for _ in range(times):
            await self.attempts.begin(name, address)

    async def succeed(self, name: str, address: str = OFFICE) -> None:
        """Succeed."""
        await self.attempts.begin(name, address)
        await self.attempts.succeeded(name, address)

    async def assert_refused(self, name: str, address: str = OFFICE) -> timedelta:
        """The wait after a refused attempt."""
        with pytest.raises(TooManyAttempts) as refused:
            await self.attempts.begin(name, address)
        return refused.value.wait


@pytest.fixture
async def postgres_counter(migrated_url: str) -> AsyncIterator[AttemptCounter]:
    engine = database_engine(migrated_url, max_connections=8)

    def advance(time: timedelta) -> None:  # the clock is the database's, so the recorded times are moved back
        earlier = f"until = until - interval '{time.total_seconds()} s'"
        execute(migrated_url, f"UPDATE log_in_attempts SET {earlier}")  # noqa: S608 - a fixed text

    yield AttemptCounter(PostgresLoginAttempts(engine, LIMITS, secret=b"s" * 32), advance)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def counter(request: pytest.FixtureRequest) -> AttemptCounter:
    if request.param == "postgres":
        found: AttemptCounter = request.getfixturevalue("postgres_counter")
        return found
    clock = FixedClock(A_MOMENT)

    def advance(time: timedelta) -> None:
        clock.moment += time

    return AttemptCounter(MemoryLoginAttempts(LIMITS, clock), advance)


async def test_failures_for_one_name_from_one_address_are_limited(counter: AttemptCounter) -> None:
    await counter.fail("olga", times=3)
    assert timedelta(minutes=4) < await counter.assert_refused("olga") <= EACH


async def test_attempts_refill_evenly_and_refusals_do_not_delay_that(counter: AttemptCounter) -> None:
    await counter.fail("olga", times=3)
    for _ in range(5):
        await counter.assert_refused("olga")
    counter.advance(EACH)
    await counter.fail("olga")
    await counter.assert_refused("olga")
    counter.advance(3 * EACH)
    await counter.fail("olga", times=3)


async def test_a_successful_login_restores_all_attempts(counter: AttemptCounter) -> None:
    for _ in range(4):
        await counter.fail("olga", times=2)
        await counter.succeed("olga")
    await counter.fail("olga", times=3)


async def test_successful_logins_do_not_count_against_their_address(counter: AttemptCounter) -> None:
    for number in range(20):
        await counter.succeed(f"officer {number}")
    await counter.fail("olga", times=3)


async def test_guesses_of_many_names_from_one_address_are_limited(counter: AttemptCounter) -> None:
    for number in range(6):
        await counter.fail(f"guessed {number}")
    await counter.assert_refused("guessed 6")
    await counter.fail("guessed 6", CAFE)


async def test_guesses_of_one_name_from_many_addresses_are_limited(counter: AttemptCounter) -> None:
    for number in range(5):
        await counter.fail("olga", f"203.0.113.{number}")
    await counter.assert_refused("olga", "203.0.113.99")
    await counter.fail("otto", "203.0.113.99")


async def test_failures_at_other_addresses_do_not_lock_out_a_familiar_address(counter: AttemptCounter) -> None:
    await counter.succeed("olga", OFFICE)
    for number in range(5):
        await counter.fail("olga", f"203.0.113.{number}")
    await counter.assert_refused("olga", CAFE)
    await counter.succeed("olga", OFFICE)


async def test_failures_at_a_shared_address_do_not_lock_out_familiar_users(counter: AttemptCounter) -> None:
    await counter.succeed("olga")
    for number in range(6):
        await counter.fail(f"guessed {number}")
    await counter.assert_refused("otto")
    await counter.succeed("olga")


async def test_guesses_from_a_familiar_address_are_limited(counter: AttemptCounter) -> None:
    await counter.succeed("olga")
    await counter.fail("olga", times=3)
    await counter.assert_refused("olga")


async def test_an_address_is_familiar_for_a_month(counter: AttemptCounter) -> None:
    await counter.succeed("olga")
    counter.advance(timedelta(days=31))
    for number in range(5):
        await counter.fail("olga", f"203.0.113.{number}")
    await counter.assert_refused("olga", OFFICE)


async def test_an_attempt_refused_by_one_limit_does_not_count_against_others(counter: AttemptCounter) -> None:
    await counter.fail("olga", times=3)
    for _ in range(9):
        await counter.assert_refused("olga")
    await counter.fail("otto", times=3)  # six of six from this address
    await counter.fail("olga", CAFE, times=2)  # five of five for this name


async def test_an_ipv6_network_counts_as_one_address(counter: AttemptCounter) -> None:
    await counter.fail("olga", "2001:db8::1")
    await counter.fail("olga", "2001:db8::ffff:2")
    await counter.fail("olga", "2001:db8:0:0:3::")
    await counter.assert_refused("olga", "2001:db8::4")
    await counter.fail("olga", "2001:db8:0:1::1")


async def test_concurrent_attempts_never_exceed_the_limit_of_failures(counter: AttemptCounter) -> None:
    attempts = [counter.attempts.begin("olga", OFFICE) for _ in range(40)]
    refused = await asyncio.gather(*attempts, return_exceptions=True)
    assert [type(each) for each in refused if each].count(TooManyAttempts) == 37
    assert len(refused) == 40


async def test_concurrent_failures_and_successes_never_deadlock(counter: AttemptCounter) -> None:
    async def attempted(attempt: Callable[[], Awaitable[None]]) -> None:
        with contextlib.suppress(TooManyAttempts):
            await attempt()

    names, places = ("olga", "otto", "marta"), (OFFICE, CAFE, "203.0.113.1")
    calls = [
        (lambda act=act, name=name, place=place: act(name, place))
        for act in (counter.succeed, counter.fail)
        for name in names
        for place in places
    ]
    await asyncio.gather(*(attempted(call) for _ in range(10) for call in calls))


async def test_only_attempts_that_no_longer_count_are_purged(counter: AttemptCounter) -> None:
    await counter.fail("olga", times=3)
    await counter.succeed("otto", CAFE)
    assert await counter.attempts.purge(limit=10) in {0, 2}  # otto's restored attempt may be old already
    await counter.assert_refused("olga")
    counter.advance(timedelta(minutes=16))
    assert await counter.attempts.purge(limit=2) == 2
    assert await PurgeLoginAttempts(counter.attempts)() in {1, 3}
    assert await PurgeLoginAttempts(counter.attempts)() == 0
    counter.advance(timedelta(days=31))
    assert await PurgeLoginAttempts(counter.attempts)() == 1  # where otto was familiar


@pytest.mark.parametrize("name", ["", "\0", "\ud800", "'; --", "Łukasz 🏦", "x" * 8000])
async def test_any_text_typed_as_a_username_is_counted(counter: AttemptCounter, name: str) -> None:
    await counter.fail(name, times=3)
    await counter.assert_refused(name)


async def test_neither_usernames_nor_addresses_are_stored_in_plain_text(
    postgres_counter: AttemptCounter, migrated_url: str
) -> None:
    await postgres_counter.succeed("olga")
    await postgres_counter.fail("a password typed as a name")
    engine = database_engine(migrated_url)
    async with engine.connect() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM log_in_attempts")).all()
    await engine.dispose()
    assert len(rows) == 5
    assert {len(row.key) for row in rows} == {16}


async def test_a_locked_name_is_named_with_the_time_of_the_next_attempt(counter: AttemptCounter) -> None:
    await counter.fail("olga", times=3)
    await counter.fail("rui", times=2)
    wait = await counter.assert_refused("olga")
    locked = await counter.attempts.locked_until(["olga", "rui", "someone else"])
    assert locked.keys() == {"olga"}
    counter.advance(wait + timedelta(seconds=1))
    assert await counter.attempts.locked_until(["olga"]) == {}


async def test_a_name_refused_at_new_addresses_is_locked(counter: AttemptCounter) -> None:
    for address in (OFFICE, CAFE, "203.0.113.9", "203.0.113.10", "203.0.113.11"):
        await counter.fail("olga", address)
    await counter.assert_refused("olga", "203.0.113.12")
    assert (await counter.attempts.locked_until(["olga"])).keys() == {"olga"}


async def test_an_unlocked_name_can_log_in_from_everywhere(counter: AttemptCounter) -> None:
    await counter.fail("olga", times=3)
    await counter.fail("olga", CAFE, times=2)
    await counter.assert_refused("olga")
    assert await counter.attempts.unlock("olga", event=an_event())
    assert await counter.attempts.locked_until(["olga"]) == {}
    await counter.fail("olga", times=2)
    await counter.fail("olga", CAFE)
    assert not await counter.attempts.unlock("rui", event=an_event())


async def test_unlocking_a_name_does_not_help_its_attacker_with_other_names(counter: AttemptCounter) -> None:
    for name in ("olga", "rui"):
        await counter.fail(name, times=3)
    assert await counter.attempts.unlock("olga", event=an_event())
    await counter.assert_refused("marta")
    await counter.assert_refused("rui")


async def test_unlocking_is_recorded_with_the_change(migrated_url: str, postgres_counter: AttemptCounter) -> None:
    await postgres_counter.fail("olga")
    event = an_event()
    await postgres_counter.attempts.unlock("olga", event=event)
    await postgres_counter.attempts.unlock("olga", event=an_event())
    engine = database_engine(migrated_url)
    subjects = [entry.subject async for entry, _ in PostgresAuditTrail(engine).entries()]
    await engine.dispose()
    assert subjects == [event.event_id]
