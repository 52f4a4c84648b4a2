"""The user of a command is the system account, regardless of environment variables."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from domain.access.user_name import InvalidUsername, validated_username
from entrypoints.cli import main as module
from entrypoints.configuration.operating_system_user import operating_system_user

CLAIMED = {"LOGNAME": "admin", "USER": "admin", "LNAME": "admin", "USERNAME": "admin", "SUDO_USER": "admin"}
ENTRYPOINTS = Path(module.__file__).parent.parent
COMMANDS = [file for folder in ("cli", "container") for file in sorted((ENTRYPOINTS / folder).glob("*.py"))]
"""The commands, and what they call to do their work."""


def test_environment_variables_do_not_identify_the_user() -> None:
    program = (
        "from entrypoints.configuration.operating_system_user import operating_system_user as user; print(user())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | CLAIMED,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout.strip() == f"os:{pwd.getpwuid(os.getuid()).pw_name}"


def test_an_account_without_a_name_is_identified_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> pwd.struct_passwd:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert operating_system_user() == f"os:{os.getuid()}"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: f"{path.parent.name} {path.stem}")
def test_no_command_takes_the_user_from_the_environment(command: Path) -> None:
    text = command.read_text()
    for source in ("getuser", "getlogin", *(f'"{variable}"' for variable in CLAIMED)):
        assert source not in text


@pytest.mark.parametrize("name", ["os:root", "os:", "OS:root", "Os:x", "\uff4f\uff53\uff1aroot", "o\u017f:root"])
def test_user_names_of_system_accounts_are_refused(name: str) -> None:
    with pytest.raises(InvalidUsername, match="os:"):
        validated_username(name)


@pytest.mark.parametrize("name", ["root", "os", "osman", "a os:b", "oslo:1"])
def test_other_user_names_are_accepted(name: str) -> None:
    assert validated_username(name) == name
