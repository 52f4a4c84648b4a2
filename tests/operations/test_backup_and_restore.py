"""A backup made under traffic is restored onto an empty machine, and everything is there."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path

import pytest

from adapters.persistence.database.privileges import READ
from adapters.persistence.database.service_logins import enable_logins
from harness.callers import Callers
from harness.polling import eventually
from harness.running_service import SCORING, Service, clean_environment
from support.engines import drop_database, fresh_database

pytestmark = pytest.mark.timeout(240)
_ALTERED = b"altered"


@dataclass(frozen=True)
class Lender:
    """A running service, a decision that it made, and a backup of it."""

    service: Service
    decision: str
    backup: Path
    keys: Path


def scoring(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SCORING, *arguments],
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    folder = tmp_path_factory.mktemp("lender")
    service = Service(folder / "data", without=("ui", "worker"))
    try:
        decision = service.decide()["request_id"]
        assert service.run("audit", "checkpoint").returncode == 0
        with Callers(service) as callers:
            eventually(lambda: len(callers.result.decided) > 50)
            made = service.run("backup", str(folder / "backup"))
        assert made.returncode == 0, made.stderr
        event = (
            f'"kind":"export","result":"succeeded","user":"os:{getuser()}","object":"database to {folder}/backup"'
        )
        assert event in made.stderr
        yield Lender(service, decision, folder / "backup", folder / "data" / "secrets")
    finally:
        service.close()


def test_a_backup_is_restored_onto_an_empty_machine(lender: Lender, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(lender.keys, data / "secrets")
    machine = {"SCORING_DATA_DIR": str(data)}
    restored = scoring("restore", str(lender.backup), **machine)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert "all counts are those of the backup, and the audit trail has no issues" in restored.stdout
    counts = json.loads((lender.backup / "manifest.json").read_text())["database"]["counts"]
    assert counts["decisions"] > 50
    assert f"{counts['decisions']:,} decisions" in restored.stdout
    reproduced = scoring("reproduce", lender.decision, **machine)
    assert "identical to the last bit" in reproduced.stdout
    verified = scoring("audit", "verify", **machine)
    assert (verified.returncode, "no issues" in verified.stdout) == (0, True), verified.stdout
    again = scoring("restore", str(lender.backup), **machine)
    assert again.returncode == 1
    assert "the database is not empty: it has function" in again.stderr
    successor = Service(data, without=("ui", "worker"))
    try:
        assert successor.decide()["success"] is True
    finally:
        successor.close()


def test_the_backup_names_keys_but_does_not_contain_them(lender: Lender) -> None:
    keys = [file.read_bytes() for file in lender.keys.iterdir()]
    assert len(keys) == 2
    for file in lender.backup.rglob("*"):
        content = b"" if file.is_dir() else file.read_bytes()
        assert not any(key in content or key.hex().encode() in content for key in keys)
    named = json.loads((lender.backup / "manifest.json").read_text())["keys"]
    assert {key["place"] for key in named} == {str(file) for file in lender.keys.iterdir()}


def test_a_restore_without_the_keys_says_which_are_missing(lender: Lender, tmp_path: Path) -> None:
    restored = scoring("restore", str(lender.backup), SCORING_DATA_DIR=str(tmp_path / "data"))
    assert restored.returncode == 3
    assert "The secret key with the fingerprint" in restored.stderr
    assert "The checkpoint key with the fingerprint" in restored.stderr


def test_a_damaged_backup_is_refused_before_anything_is_created(lender: Lender, tmp_path: Path) -> None:
    damaged = tmp_path / "backup"
    shutil.copytree(lender.backup, damaged)
    with (damaged / "database.dump").open("r+b") as dump:
        dump.seek(5000)
        dump.write(_ALTERED)
    verified = scoring("backup", "verify", str(damaged))
    restored = scoring("restore", str(damaged), SCORING_DATA_DIR=str(tmp_path / "data"))
    for command in (verified, restored):
        assert command.returncode == 1
        assert "database.dump was changed" in command.stderr
    assert not (tmp_path / "data").exists()
    assert scoring("backup", "verify", str(lender.backup)).returncode == 0


def test_a_backup_that_omits_the_newest_records_is_found(lender: Lender, tmp_path: Path) -> None:
    """A manifest that was rewritten to fit other contents still has the wrong checkpoint."""
    forged = tmp_path / "backup"
    shutil.copytree(lender.backup, forged)
    manifest = json.loads((forged / "manifest.json").read_text())
    checkpoint = json.loads(manifest["database"]["last_checkpoint"])
    manifest["database"]["last_checkpoint"] = json.dumps({**checkpoint, "checkpoint": 999})
    manifest["database"]["counts"]["decisions"] += 1
    (forged / "manifest.json").write_text(json.dumps(manifest))
    restored = scoring("restore", str(forged), SCORING_DATA_DIR=str(tmp_path / "data"))
    assert restored.returncode == 1
    assert "difference: decisions:" in restored.stdout
    assert "integrity error: checkpoint 999: it has a copy but is missing here" in restored.stdout
    assert "do not use it" in restored.stdout


def test_an_interrupted_backup_leaves_nothing(lender: Lender, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    slow = programs / "pg_dump"
    slow.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && { echo "pg_dump (PostgreSQL) 18.0"; exit; }\n'
        f"touch {tmp_path}/started\nexec sleep 60\n"
    )
    slow.chmod(0o755)
    target = tmp_path / "backups"
    target.mkdir()
    environment = {**lender.service.environment, "SCORING_POSTGRES_PROGRAMS": str(programs)}
    process = subprocess.Popen(
        [*SCORING, "backup", str(target / "one")], env=environment, stderr=subprocess.PIPE, text=True
    )
    eventually((tmp_path / "started").exists)
    assert [each.name.startswith(".one.incomplete-") for each in target.iterdir()] == [True]
    process.send_signal(signal.SIGTERM)
    assert "no backup was written" in process.communicate(timeout=20)[1]
    assert (process.returncode, list(target.iterdir())) == (1, [])


def test_a_full_disk_leaves_nothing(lender: Lender, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(small)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        failed = lender.service.run("backup", str(small / "one"))
        assert failed.returncode == 1
        assert "No space left on device" in failed.stderr
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def test_a_login_that_may_not_read_everything_is_refused(lender: Lender, tmp_path: Path) -> None:
    reader = asyncio.run(enable_logins(lender.service.database_url))[READ]
    failed = scoring("backup", str(tmp_path / "one"), SCORING_DATABASE_URL=reader)
    assert failed.returncode == 1
    assert "permission denied" in failed.stderr
    assert "Use the login that owns the tables" in failed.stderr
    assert not (tmp_path / "one").exists()


def test_a_database_of_something_else_is_not_backed_up(database_url: str, tmp_path: Path) -> None:
    failed = scoring("backup", str(tmp_path / "one"), SCORING_DATABASE_URL=database_url)
    assert (failed.returncode, "not a database of the service" in failed.stderr) == (1, True), failed.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_server_elsewhere_is_backed_up_and_restored(lender: Lender, postgres_url: str, tmp_path: Path) -> None:
    """The address and its password come from the settings."""
    url = fresh_database(postgres_url)
    trusted = json.loads((lender.backup / "manifest.json").read_text())["database"]["signed_with"]
    server = {
        "SCORING_DATABASE_URL": url,
        "SCORING_SECRET_KEY": os.urandom(32).hex(),
        "SCORING_AUDIT_TRUSTED_KEYS": ",".join(trusted),
    }
    try:
        restored = scoring("restore", str(lender.backup), **server)
        assert restored.returncode == 3, restored.stdout + restored.stderr
        made = scoring("backup", str(tmp_path / "second"), **server)
        assert made.returncode == 0, made.stderr
        first, second = (
            json.loads((folder / "manifest.json").read_text())["database"]
            for folder in (lender.backup, tmp_path / "second")
        )
        # by verification, restoration and second backup
        added = {"audit_entries": 3, "recorded_events": 3, "verification_reports": 1}
        for table, count in first["counts"].items():
            assert second["counts"][table] == count + added.get(table, 0), table
        assert second["last_checkpoint"] == first["last_checkpoint"]
    finally:
        drop_database(postgres_url, url)
