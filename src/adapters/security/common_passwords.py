"""The passwords that attackers try first, from a file in this package; its license file names the source."""

import gzip
from collections.abc import Container
from pathlib import Path

_FILE = Path(__file__).with_name("common_passwords.txt.gz")


class CommonPasswords(Container[str]):
    """About 40,000 passwords in lower case, loaded on first use.

    They are one text of 325 kB, which takes about 0.1 ms to search: a set would take megabytes in every process,
    and is needed only when a user chooses a password.
    """

    def __init__(self) -> None:
        self._text = ""

    def __contains__(self, password: object) -> bool:
        self._text = self._text or f"\n{gzip.decompress(_FILE.read_bytes()).decode()}\n"
        return isinstance(password, str) and "\n" not in password and f"\n{password}\n" in self._text
