"""The contract of every issuer of access tokens."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from adapters.security.access_tokens import JwtAccessTokens
from application.ports.access.credentials import AccessTokens, InvalidToken, TokenSubject
from application.ports.operations.clock import Clock
from support.memory.clock import FixedClock

MORNING = datetime(2026, 9, 1, 8, 30, 15, 250_000, tzinfo=UTC)
OFFICER = TokenSubject("Ольга O'Neill", 7)

Maker = Callable[[Clock, bytes], AccessTokens]


def jwt_tokens(clock: Clock, key: bytes) -> AccessTokens:
    return JwtAccessTokens(key, clock)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MORNING)


@pytest.fixture(params=[jwt_tokens])
def make(request: pytest.FixtureRequest) -> Maker:
    maker: Maker = request.param
    return maker


@pytest.fixture
def tokens(make: Maker, clock: FixedClock) -> AccessTokens:
    return make(clock, b"k" * 32)


@pytest.mark.parametrize("generation", [0, 1, 2**63 - 1])
def test_a_token_identifies_the_subject_it_was_issued_to(tokens: AccessTokens, generation: int) -> None:
    subject = TokenSubject(OFFICER.name, generation)
    assert tokens.read(tokens.issue(subject).token) == subject


def test_a_token_is_valid_repeatedly_and_at_another_replica(
    make: Maker, tokens: AccessTokens, clock: FixedClock
) -> None:
    token = tokens.issue(OFFICER).token
    assert tokens.read(token) == tokens.read(token) == make(clock, b"k" * 32).read(token) == OFFICER


def test_two_tokens_of_one_subject_differ(tokens: AccessTokens) -> None:
    assert tokens.issue(OFFICER).token != tokens.issue(OFFICER).token


def test_a_token_expires_at_the_end_of_its_lifetime(tokens: AccessTokens, clock: FixedClock) -> None:
    issued = tokens.issue(OFFICER)
    clock.moment = MORNING + issued.lifetime - timedelta(seconds=2)
    assert tokens.read(issued.token) == OFFICER
    clock.moment = MORNING + issued.lifetime
    for _ in range(2):
        with pytest.raises(InvalidToken, match="expired"):
            tokens.read(issued.token)


def test_the_default_lifetime_is_an_hour(tokens: AccessTokens) -> None:
    assert tokens.issue(OFFICER).lifetime == timedelta(hours=1)


def test_a_token_can_have_another_lifetime(tokens: AccessTokens, clock: FixedClock) -> None:
    issued = tokens.issue(OFFICER, timedelta(days=30))
    assert issued.lifetime == timedelta(days=30)
    clock.moment = MORNING + timedelta(days=29)
    assert tokens.read(issued.token) == OFFICER


def test_a_token_remains_valid_if_the_clock_steps_back(tokens: AccessTokens, clock: FixedClock) -> None:
    issued = tokens.issue(OFFICER)
    clock.moment = MORNING - timedelta(hours=3)
    assert tokens.read(issued.token) == OFFICER


def test_a_token_signed_with_another_key_is_rejected(make: Maker, tokens: AccessTokens, clock: FixedClock) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(make(clock, b"K" * 32).issue(OFFICER).token)


@pytest.mark.parametrize("nonsense", ["", "x", "a.b.c", "..", "é", "\ud800", "Bearer x", "a" * 100_000])
def test_text_that_is_not_a_token_is_rejected(tokens: AccessTokens, nonsense: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(nonsense)


def test_a_token_with_any_changed_character_is_rejected(tokens: AccessTokens) -> None:
    token = tokens.issue(OFFICER).token
    tokens.read(token)
    for place in range(0, len(token) - 1, 7):  # the last character has unused bits
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(InvalidToken):
            tokens.read(token[:place] + other + token[place + 1 :])
