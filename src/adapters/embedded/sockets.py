"""A short, private folder for an engine's unix socket.

A socket's path holds about a hundred bytes, and a data folder's may be longer: so sockets lie among the
temporary files, in a folder of their own for each engine, which only the engine's account (and root) may
enter. Inside, the engines still ask for a password.
"""

import os
import re
import tempfile
from pathlib import Path

from adapters.embedded.account import Account

_LONGEST_BASE = 60
_PLAIN = re.compile(rb"[A-Za-z0-9/._-]+")  # what needs no quoting in any client's address


def make_socket_folder(account: Account | None, again: Path | None = None) -> Path:
    """A new folder for sockets, which the account owns and nobody else enters.

    `again` is the folder an engine had before: made once more, since clients still have its address.
    """
    if again is None:
        folder = Path(tempfile.mkdtemp(prefix="scoring-", dir=_base(account)))
    else:
        folder = again
        folder.mkdir(mode=0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def _base(account: Account | None) -> Path:
    for base in (Path(tempfile.gettempdir()).resolve(), Path("/tmp")):  # noqa: S108 - mkdtemp makes it private
        name = os.fsencode(base)
        plain = len(name) <= _LONGEST_BASE and _PLAIN.fullmatch(name)
        if plain and os.access(base, os.W_OK | os.X_OK) and (account is None or account.reaches(base / "any")):
            return base
    raise PermissionError(
        "neither TMPDIR nor /tmp is a place for the engine's socket (short, plain, open to its user)"
    )
