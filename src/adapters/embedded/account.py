"""Whom an engine runs as, and what that account may reach.

PostgreSQL refuses to run as root, rightly. So root's engines run as the owner of the data they find,
else as `nobody`; anybody else's run as themselves. Folders made here are handed to that account; nobody
else's folder is ever changed.
"""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import pwd

_READ, _SEARCH = 4, 1


@dataclass(frozen=True)
class Account:
    """A user to drop to, by number."""

    uid: int
    gid: int

    def may(self, bits: int, path: Path) -> bool:
        """Whether the mode of `path` grants these bits (access lists are not consulted)."""
        status = path.stat()
        if status.st_uid == self.uid:
            return status.st_mode >> 6 & bits == bits
        if status.st_gid == self.gid:
            return status.st_mode >> 3 & bits == bits
        return status.st_mode & bits == bits

    def reaches(self, path: Path) -> bool:
        """Whether every folder on the way to `path` lets this account through."""
        return all(self.may(_SEARCH, folder) for folder in path.resolve().parents)

    def runs(self, program: Path) -> bool:
        """Whether this account can execute `program` where it lies."""
        return self.reaches(program) and self.may(_READ | _SEARCH, program)


def account_for(data: Path) -> Account | None:
    """The account for an engine on this data folder; None when it is our own."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as missing:
        raise OSError("root's engines run as the user 'nobody', whom this machine does not have") from missing
    return Account(nobody.pw_uid, nobody.pw_gid)


def make_folder_for(account: Account | None, folder: Path) -> None:
    """A new private folder that belongs to the account."""
    folder.mkdir(mode=stat.S_IRWXU)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
