"""A weak secret key stops the start."""

import secrets
from pathlib import Path

import pytest

from entrypoints.configuration.settings import InvalidSettings, read_settings

WEAK = {
    "short": "Hq7ZtW2vKx9RmL4cBd8YsN1fJg5PaEu",
    "one character": "k" * 64,
    "few characters": "abcabdabeabfabgabhabiabaabcabdabe",
    "a repeated pattern": "Hq7ZtW2vKx9R" * 4,
    "a pattern repeated in part": ("Hq7ZtW2vKx9RmL4cBd" * 3)[:40],
    "a sequence": "abcdefghijklmnopqrstuvwxyz0123456789",
    "a sequence backwards": "9876543210zyxwvutsrqponmlkjihgfedcba",
    "a placeholder": "change-me-to-something-random-1234567890",
    "the word of the checks": "checked-Hq7ZtW2vKx9RmL4cBd8YsN1fJg5P",
    "rows of the keyboard": "qwertyuiopasdfghjklzxcvbnm135797531",
    "a sentence": "MyCompanyCreditScoring4Production",
    "a well-known passphrase": "CorrectHorseBatteryStaple1357924680",
    "what it is": "ThisIsTheSecretOfOurBrokers-2026",
    "an example": "EXAMPLE_Hq7ZtW2vKx9RmL4cBd8YsN1fJg5PaE",
}


@pytest.mark.parametrize("variable", ["SCORING_SECRET_KEY", "SCORING_PREVIOUS_SECRET_KEYS"])
@pytest.mark.parametrize("weak", WEAK.values(), ids=WEAK)
def test_a_weak_secret_is_rejected_with_instructions_for_a_strong_one(
    tmp_path: Path, variable: str, weak: str
) -> None:
    with pytest.raises(InvalidSettings) as refused:
        read_settings({"SCORING_MODEL_DIR": str(tmp_path), variable: weak})
    message = str(refused.value)
    assert message.startswith(f"{variable}: must ")
    assert "openssl rand -base64 48" in message
    assert weak not in message


@pytest.mark.parametrize("size", [24, 32, 48])
def test_a_random_secret_is_accepted(tmp_path: Path, size: int) -> None:
    for made in (secrets.token_urlsafe(size), secrets.token_hex(size)):
        settings = read_settings({"SCORING_MODEL_DIR": str(tmp_path), "SCORING_SECRET_KEY": made})
        assert settings.secret_key == made


def test_previous_secrets_are_read_in_order(tmp_path: Path) -> None:
    first, second = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
    given = {"SCORING_MODEL_DIR": str(tmp_path), "SCORING_PREVIOUS_SECRET_KEYS": f"{first} , {second},"}
    assert read_settings(given).previous_secret_keys == (first, second)
