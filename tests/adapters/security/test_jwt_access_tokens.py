"""Tokens that somebody else made up."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from adapters.security.access_tokens import JwtAccessTokens, KeyTooShort, key_identifier
from application.ports.access.credentials import InvalidToken, TokenSubject
from support.memory.clock import FixedClock

KEY = b"\x00\xffkey" * 8
HEADER = {"kid": key_identifier(KEY)}
NOW = datetime(2026, 9, 1, tzinfo=UTC)
CLAIMS = {
    "iss": "credit-scoring",
    "aud": "credit-scoring-api",
    "sub": "ivan",
    "gen": 7,
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 60,
    "jti": "1",
}


@pytest.fixture
def tokens() -> JwtAccessTokens:
    return JwtAccessTokens(KEY, FixedClock(NOW))


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_the_made_up_token_would_be_good_but_for_what_each_test_changes(tokens: JwtAccessTokens) -> None:
    assert tokens.read(jwt.encode(CLAIMS, KEY, "HS256", HEADER)) == TokenSubject("ivan", 7)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256"])
def test_a_token_that_is_not_signed_is_refused(tokens: JwtAccessTokens, algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(f"{segment(HEADER | {'alg': algorithm, 'typ': 'JWT'})}.{segment(CLAIMS)}.")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_no_other_algorithm_is_accepted_even_with_the_right_key(tokens: JwtAccessTokens, algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(CLAIMS, KEY, algorithm, HEADER))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_token_without_one_of_its_claims_is_refused(tokens: JwtAccessTokens, claim: str) -> None:
    rest: dict[str, Any] = {name: value for name, value in CLAIMS.items() if name != claim}
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(rest, KEY, "HS256", HEADER))


def test_a_token_of_an_earlier_release_is_refused(tokens: JwtAccessTokens) -> None:
    earlier: dict[str, Any] = {name: value for name, value in CLAIMS.items() if name != "gen"} | {"role": "admin"}
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(earlier, KEY, "HS256", HEADER))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "somebody else"),
        ("aud", "another service"),
        ("aud", ["credit-scoring-api", "another service"]),
        ("gen", "7"),
        ("gen", 7.0),
        ("gen", True),
        ("gen", [7]),
        ("exp", "tomorrow"),
        ("exp", 1e300),
        ("exp", float("nan")),
        ("exp", int(NOW.timestamp())),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(tokens: JwtAccessTokens, claim: str, value: object) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(CLAIMS | {claim: value}, KEY, "HS256", HEADER))


def test_the_token_says_when_it_was_issued_and_until_when_it_is_good(tokens: JwtAccessTokens) -> None:
    token = tokens.issue(TokenSubject("ivan", 7), timedelta(minutes=5)).token
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] == NOW.timestamp()
    assert claims["gen"] == 7
    assert set(claims) == set(CLAIMS)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(KeyTooShort):
        JwtAccessTokens(b"k" * 31, FixedClock(NOW))


def test_only_so_many_tokens_are_remembered(tokens: JwtAccessTokens) -> None:
    issued = [tokens.issue(TokenSubject(f"user {number}", number)).token for number in range(1100)]
    for token in issued:
        tokens.read(token)
    assert len(tokens._remembered) == 1024
    assert tokens.read(issued[0]).name == "user 0"
