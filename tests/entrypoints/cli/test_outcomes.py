"""`scoring outcomes import` on files that cannot be used."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from application.ports.batches import batch_content
from entrypoints.cli.outcomes import command


def test_an_empty_file_is_unusable(migrated_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "may.csv"
    file.write_text("")
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    done = CliRunner().invoke(command, ["import", str(file)])
    assert (done.exit_code, done.output) == (
        2,
        f"Error: {file}: the file is empty; it needs a header line and at least one row\n",
    )


def test_a_file_that_is_too_large_is_unusable(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "may.csv"
    file.write_text("application_id,status\n")
    monkeypatch.setattr(batch_content.BatchContent.__init__, "__kwdefaults__", {"max_bytes": 10})
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    done = CliRunner().invoke(command, ["import", str(file)])
    assert (done.exit_code, done.output) == (2, f"Error: {file}: the file must not exceed 10 bytes\n")
