"""Forged, altered and expired access tokens are rejected."""

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


def test_the_token_that_other_tests_alter_is_valid(tokens: JwtAccessTokens) -> None:
    assert tokens.read(jwt.encode(CLAIMS, KEY, "HS256", HEADER)) == TokenSubject("ivan", 7)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256"])
def test_an_unsigned_token_is_rejected(tokens: JwtAccessTokens, algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(f"{segment(HEADER | {'alg': algorithm, 'typ': 'JWT'})}.{segment(CLAIMS)}.")


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
@pytest.mark.filterwarnings("ignore:The HMAC key")
def test_another_algorithm_is_rejected_even_with_the_right_key(tokens: JwtAccessTokens, algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(CLAIMS, KEY, algorithm, HEADER))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_token_that_lacks_a_claim_is_rejected(tokens: JwtAccessTokens, claim: str) -> None:
    remaining: dict[str, Any] = {name: value for name, value in CLAIMS.items() if name != claim}
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(remaining, KEY, "HS256", HEADER))


def test_a_token_with_a_role_instead_of_a_generation_is_rejected(tokens: JwtAccessTokens) -> None:
    claims: dict[str, Any] = {name: value for name, value in CLAIMS.items() if name != "gen"} | {"role": "admin"}
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(claims, KEY, "HS256", HEADER))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "another issuer"),
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
def test_a_token_with_an_invalid_claim_is_rejected(tokens: JwtAccessTokens, claim: str, value: object) -> None:
    with pytest.raises(InvalidToken):
        tokens.read(jwt.encode(CLAIMS | {claim: value}, KEY, "HS256", HEADER))


def test_a_token_holds_its_times_of_issue_and_expiry(tokens: JwtAccessTokens) -> None:
    token = tokens.issue(TokenSubject("ivan", 7), timedelta(minutes=5)).token
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] == NOW.timestamp()
    assert claims["gen"] == 7
    assert set(claims) == set(CLAIMS)


def test_a_short_key_is_rejected() -> None:
    with pytest.raises(KeyTooShort):
        JwtAccessTokens(b"k" * 31, FixedClock(NOW))


def test_the_cache_of_verified_tokens_is_bounded(tokens: JwtAccessTokens) -> None:
    issued = [tokens.issue(TokenSubject(f"user {number}", number)).token for number in range(1100)]
    for token in issued:
        tokens.read(token)
    assert len(tokens._cache) == 1024
    assert tokens.read(issued[0]).name == "user 0"
