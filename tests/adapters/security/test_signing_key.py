"""The signing key is generated once, private, and shared by all processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.security.keys import UnusableSigningKey, signing_key


def key_file(data_dir: Path) -> Path:
    return data_dir / "secrets" / "token-signing.key"


def test_the_key_is_generated_once(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "new")
    assert len(key) == 32
    assert signing_key(tmp_path / "new") == key
    assert signing_key(tmp_path / "another") != key


def test_the_key_file_is_private_and_no_temporary_file_remains(tmp_path: Path) -> None:
    signing_key(tmp_path)
    assert key_file(tmp_path).stat().st_mode & 0o777 == 0o600
    assert key_file(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in key_file(tmp_path).parent.iterdir()] == ["token-signing.key"]


def test_a_readable_key_file_is_made_private(tmp_path: Path) -> None:
    key = signing_key(tmp_path)
    key_file(tmp_path).chmod(0o644)
    assert signing_key(tmp_path) == key
    assert key_file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_the_error_for_a_truncated_file_names_the_file(tmp_path: Path) -> None:
    signing_key(tmp_path)
    key_file(tmp_path).write_bytes(b"short")
    with pytest.raises(UnusableSigningKey, match=r"token-signing\.key"):
        signing_key(tmp_path)


def test_processes_that_start_concurrently_get_the_same_key(tmp_path: Path) -> None:
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
