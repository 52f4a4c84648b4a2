"""One key per purpose: a token, secret or cookie of any other key gives no access."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from adapters.security.access_tokens import JwtAccessTokens, key_identifier
from adapters.security.audit_signing import audit_signer
from adapters.security.derived_keys import Purpose, derived_key
from application.ports.access.credentials import InvalidToken, TokenSubject
from entrypoints.composition.secrets import access_tokens, key_for, recipient_secrets, trusted_keys
from entrypoints.configuration.settings import Settings, read_settings
from support.memory.clock import FixedClock

SECRET = "Hq7ZtW2vKx9RmL4cBd8YsN1fJg5PaEu3"
EARLIER = "pT6nVb3XyQ8kMr1ZsC9wLh4DfJ7GaEo2"
UNRELATED = "zK5rWc8NqT2vXm9LbY3hDs6JfP1GaEu4"
NOW = datetime(2026, 9, 1, tzinfo=UTC)
OFFICER = TokenSubject("maria", 7)
CLAIMS = {
    "iss": "credit-scoring",
    "aud": "credit-scoring-api",
    "sub": "mallory",
    "gen": 1,
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + timedelta(hours=1)).timestamp()),
    "jti": "1",
}


def configured(folder: Path, secret: str = SECRET, previous: str = "") -> Settings:
    return read_settings(
        {
            "SCORING_SECRET_KEY": secret,
            "SCORING_PREVIOUS_SECRET_KEYS": previous,
            "SCORING_DATA_DIR": str(folder),
            "SCORING_MODEL_DIR": str(folder),
        }
    )


def tokens_of(settings: Settings) -> JwtAccessTokens:
    return access_tokens(settings, FixedClock(NOW))


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def signed(header: object, key: bytes, digest: str = "sha256", claims: dict[str, Any] = CLAIMS) -> str:
    text = f"{encoded(header)}.{encoded(claims)}"
    signature = hmac.new(key, text.encode(), digest).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def kid_of(settings: Settings) -> str:
    return key_identifier(key_for(settings, Purpose.ACCESS_TOKENS))


def test_every_purpose_has_its_own_key(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    keys = [SECRET.encode(), *(key_for(settings, purpose) for purpose in Purpose)]
    assert len(set(keys)) == len(Purpose) + 1
    assert all(len(key) == 32 for key in keys)


def test_keys_are_derived_with_hkdf_and_stay_the_same_across_releases() -> None:
    extracted = hmac.new(bytes(32), SECRET.encode(), "sha256").digest()
    label = b"credit-scoring: access tokens\x01"
    assert derived_key(SECRET.encode(), Purpose.ACCESS_TOKENS) == hmac.new(extracted, label, "sha256").digest()


def test_webhook_secrets_and_the_checkpoint_key_do_not_change(tmp_path: Path) -> None:
    expected = hmac.new(SECRET.encode(), b"webhooks of broker", "sha256").hexdigest()
    assert recipient_secrets(configured(tmp_path)).secret_of("broker") == f"whsec_{expected}"
    assert audit_signer(tmp_path, secret="k" * 32).public_key.hex() == (
        "32261ca7ea6582fce5c567713226e82c1b9a877cf756b6219dcce8a887b377b8"
    )


def test_a_token_with_the_right_key_and_header_is_accepted(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    header = {"alg": "HS256", "typ": "JWT", "kid": kid_of(settings)}
    forged = signed(header, key_for(settings, Purpose.ACCESS_TOKENS))
    assert tokens_of(settings).read(forged) == TokenSubject("mallory", 1)


def test_no_other_key_of_the_service_signs_a_token(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    tokens = tokens_of(settings)
    secret = recipient_secrets(settings).secret_of("mallory")
    others = [key_for(settings, purpose) for purpose in Purpose if purpose is not Purpose.ACCESS_TOKENS]
    others += [SECRET.encode(), secret.encode(), bytes.fromhex(secret.removeprefix("whsec_")), b""]
    others += [key_for(settings, Purpose.WEB_SESSIONS).hex().encode(), trusted_keys(settings)[0]]
    for key in others:
        for kid in (kid_of(settings), key_identifier(key)):
            with pytest.raises(InvalidToken):
                tokens.read(signed({"alg": "HS256", "typ": "JWT", "kid": kid}, key))
        with pytest.raises(InvalidToken):
            tokens.read(signed({"alg": "HS256", "typ": "JWT"}, key))


@pytest.mark.parametrize(
    "kid",
    [
        *(None, "", 0, 1, True, 1.5, [], {}, ["{kid}"], {"kid": "{kid}"}, "{kid} ", "{kid}\0", "{KID}"),
        *("../../../dev/null", "/dev/null", "file:///dev/null", "' OR '1'='1", "0" * 16, "a" * 10_000),
    ],
)
def test_a_token_with_an_unknown_key_identifier_is_rejected(tmp_path: Path, kid: object) -> None:
    settings = configured(tmp_path)
    known = kid_of(settings)
    given = json.loads(json.dumps(kid).replace("{kid}", known).replace("{KID}", known.upper()))
    for key in (key_for(settings, Purpose.ACCESS_TOKENS), b"", bytes(32)):
        with pytest.raises(InvalidToken):
            tokens_of(settings).read(signed({"alg": "HS256", "typ": "JWT", "kid": given}, key))


@pytest.mark.parametrize(
    "change",
    [
        *({"alg": alg} for alg in ("none", "None", "HS384", "HS512", "RS256", "EdDSA", "hs256", None, ["HS256"])),
        *({"typ": typ} for typ in ("jwt", "at+jwt", "JWE", None)),
        *({"crit": ["exp"], "exp": 1}, {"b64": False, "crit": ["b64"]}, {"b64": False}, {"zip": "DEF"}),
        *({"jwk": {"kty": "oct", "k": "AAAA"}}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example"}),
    ],
)  # fmt: skip
def test_a_token_with_another_header_is_rejected(tmp_path: Path, change: dict[str, object]) -> None:
    settings = configured(tmp_path)
    key = key_for(settings, Purpose.ACCESS_TOKENS)
    header = {"alg": "HS256", "typ": "JWT", "kid": kid_of(settings)} | change
    digests = {"HS384": "sha384", "HS512": "sha512"}
    for digest in {"sha256", digests.get(str(change.get("alg")), "sha256")}:
        with pytest.raises(InvalidToken):
            tokens_of(settings).read(signed(header, key, digest))
    with pytest.raises(InvalidToken):
        tokens_of(settings).read(f"{encoded(header)}.{encoded(CLAIMS)}.")


def test_the_public_key_of_checkpoints_is_not_accepted_as_an_hmac_key(tmp_path: Path) -> None:
    """Algorithm confusion: a verifier uses a public key as a shared secret."""
    settings = configured(tmp_path)
    public = trusted_keys(settings)[0]
    for key in (public, public.hex().encode()):
        with pytest.raises(InvalidToken):
            tokens_of(settings).read(signed({"alg": "HS256", "typ": "JWT", "kid": kid_of(settings)}, key))


def test_a_token_reveals_only_a_digest_of_its_key(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    header = jwt.get_unverified_header(tokens_of(settings).issue(OFFICER).token)
    key = key_for(settings, Purpose.ACCESS_TOKENS)
    assert header == {"alg": "HS256", "typ": "JWT", "kid": hashlib.sha256(key).hexdigest()[:16]}


def test_the_previous_key_still_verifies_and_the_current_one_signs(tmp_path: Path) -> None:
    before = configured(tmp_path, EARLIER)
    after = configured(tmp_path, SECRET, f"{UNRELATED}, {EARLIER}")
    old, new = tokens_of(before).issue(OFFICER).token, tokens_of(after).issue(OFFICER).token
    assert tokens_of(after).read(old) == tokens_of(after).read(new) == OFFICER
    assert jwt.get_unverified_header(new)["kid"] == kid_of(after) != kid_of(before)
    with pytest.raises(InvalidToken):
        tokens_of(before).read(new)
    assert trusted_keys(after)[0] == audit_signer(tmp_path, secret=SECRET).public_key
    assert audit_signer(tmp_path, secret=EARLIER).public_key in trusted_keys(after)


def test_a_key_that_is_no_longer_listed_is_rejected(tmp_path: Path) -> None:
    old = tokens_of(configured(tmp_path, EARLIER)).issue(OFFICER).token
    with pytest.raises(InvalidToken):
        tokens_of(configured(tmp_path, SECRET, UNRELATED)).read(old)


def test_a_token_that_names_another_key_is_rejected(tmp_path: Path) -> None:
    before, after = configured(tmp_path, EARLIER), configured(tmp_path, SECRET, EARLIER)
    for key, kid in ((before, after), (after, before)):
        header = {"alg": "HS256", "typ": "JWT", "kid": kid_of(kid)}
        with pytest.raises(InvalidToken):
            tokens_of(after).read(signed(header, key_for(key, Purpose.ACCESS_TOKENS)))
