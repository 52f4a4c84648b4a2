"""The signing key: made once, kept safe, the same for all."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.security.keys import UnusableSigningKey, signing_key


def key_file(data_dir: Path) -> Path:
    return data_dir / "secrets" / "token-signing.key"


def test_the_key_is_made_once_and_then_stays(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "not yet there")
    assert len(key) == 32
    assert signing_key(tmp_path / "not yet there") == key
    assert signing_key(tmp_path / "elsewhere") != key


def test_only_its_owner_can_read_the_key_and_no_draft_is_left(tmp_path: Path) -> None:
    signing_key(tmp_path)
    assert key_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert key_file(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in key_file(tmp_path).parent.iterdir()] == ["token-signing.key"]


def test_a_key_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    key = signing_key(tmp_path)
    key_file(tmp_path).chmod(0o644)
    assert signing_key(tmp_path) == key
    assert key_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_file_cut_short_is_refused_by_name(tmp_path: Path) -> None:
    signing_key(tmp_path)
    key_file(tmp_path).write_bytes(b"short")
    with pytest.raises(UnusableSigningKey, match=r"token-signing\.key"):
        signing_key(tmp_path)


def test_processes_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from adapters.security.keys import signing_key\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(signing_key(pathlib.Path(sys.argv[1])).hex())"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in starts:
        assert process.stdout is not None
        process.stdout.readline()
    for process in starts:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=20)[0].strip() for process in starts}
    assert keys == {signing_key(tmp_path).hex()}
