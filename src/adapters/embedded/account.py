"""The operating-system account of an engine, and the files it can reach.

PostgreSQL refuses to run as root. Started by root, an engine runs as the owner of existing data, else as the
account `nobody`; started by another user, it runs as that user. New folders belong to that account; existing
folders keep their owner and mode.
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
    """A user and group to drop privileges to, by number."""

    uid: int
    gid: int

    def may(self, bits: int, path: Path) -> bool:
        """Return whether the mode of `path` grants these bits (access lists are ignored)."""
        status = path.stat()
        if status.st_uid == self.uid:
            return status.st_mode >> 6 & bits == bits
        if status.st_gid == self.gid:
            return status.st_mode >> 3 & bits == bits
        return status.st_mode & bits == bits

    def reaches(self, path: Path) -> bool:
        """Return whether this account can traverse every parent folder of `path`."""
        return all(self.may(_SEARCH, folder) for folder in path.resolve().parents)

    def runs(self, program: Path) -> bool:
        """Return whether this account can execute `program` in place."""
        return self.reaches(program) and self.may(_READ | _SEARCH, program)


def account_for(data: Path) -> Account | None:
    """Return the account for an engine on this data folder, or None for the current user."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as missing:
        raise OSError("engines of root run as the user 'nobody', which does not exist here") from missing
    return Account(nobody.pw_uid, nobody.pw_gid)


def create_folder_for(account: Account | None, folder: Path) -> None:
    """Create a private folder owned by the account."""
    folder.mkdir(mode=stat.S_IRWXU)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
