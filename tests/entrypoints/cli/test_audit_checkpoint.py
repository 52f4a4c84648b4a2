"""`scoring audit checkpoint` signs with the key of the service, or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import scoring

KEY, OTHER_KEY = "QmVsb25ncyB0byB0aGUgc2VydmljZSwgMzIgY2hhcnM=", "SXMgdGhhdCBvZiBhbm90aGVyIHNlcnZpY2UsIHRvby4="


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, migrated_url: str, tmp_path: Path) -> Callable[..., Result]:
    """Runs a command on the database with a secret key."""
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))

    def with_key(key: str | None, *command: str) -> Result:
        if key is None:
            monkeypatch.delenv("SCORING_SECRET_KEY", raising=False)
        else:
            monkeypatch.setenv("SCORING_SECRET_KEY", key)
        return CliRunner().invoke(scoring, command)

    return with_key


@pytest.mark.parametrize("key", [OTHER_KEY, None], ids=["another key", "no key"])
def test_a_checkpoint_is_not_signed_with_another_key(run: Callable[..., Result], key: str | None) -> None:
    assert run(KEY, "users", "add", "first", "--role", "service").exit_code == 0
    assert run(KEY, "audit", "checkpoint").output.startswith("Checkpoint 1,")
    assert run(KEY, "users", "add", "second", "--role", "service").exit_code == 0
    refused = run(key, "audit", "checkpoint")
    assert refused.exit_code == 1
    assert "No checkpoint was created: the last one is signed with another key" in refused.output
    assert run(KEY, "audit", "checkpoint").output.startswith("Checkpoint 2,")


def test_a_checkpoint_of_a_known_former_key_is_continued(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(KEY, "users", "add", "first", "--role", "service").exit_code == 0
    assert run(KEY, "audit", "checkpoint").exit_code == 0
    assert run(KEY, "users", "add", "second", "--role", "service").exit_code == 0
    monkeypatch.setenv("SCORING_PREVIOUS_SECRET_KEYS", KEY)
    assert run(OTHER_KEY, "audit", "checkpoint").output.startswith("Checkpoint 2,")


def test_a_verification_without_the_key_says_how_to_trust_it(run: Callable[..., Result]) -> None:
    assert run(KEY, "users", "add", "first", "--role", "service").exit_code == 0
    assert run(KEY, "audit", "checkpoint").exit_code == 0
    verified = run(OTHER_KEY, "audit", "verify")
    assert verified.exit_code == 1
    assert "SCORING_AUDIT_TRUSTED_KEYS" in verified.output
    assert "SCORING_AUDIT_TRUSTED_KEYS" not in run(KEY, "audit", "verify").output
