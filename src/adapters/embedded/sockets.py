"""A short, private folder for an engine's Unix socket.

A socket path is limited to about a hundred bytes, and the data folder's path may be longer: each engine's socket
is in its own temporary folder, which only the engine's account and root can enter. Engines require a password all
the same.
"""

import os
import re
import tempfile
from pathlib import Path

from adapters.embedded.account import Account

_MAX_BASE_BYTES = 60
_UNQUOTED = re.compile(rb"[A-Za-z0-9/._-]+")  # needs no quoting in any client's address


def make_socket_folder(account: Account | None, previous: Path | None = None) -> Path:
    """Create a folder for sockets with mode 0700, owned by the account.

    `previous` is the engine's earlier folder, which is created again: clients still have its address.
    """
    if previous is None:
        folder = Path(tempfile.mkdtemp(prefix="scoring-", dir=_base(account)))
    else:
        folder = previous
        folder.mkdir(mode=0o700)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    return folder


def _base(account: Account | None) -> Path:
    for base in (Path(tempfile.gettempdir()).resolve(), Path("/tmp")):  # noqa: S108 - mkdtemp makes the folder private
        name = os.fsencode(base)
        plain = len(name) <= _MAX_BASE_BYTES and _UNQUOTED.fullmatch(name)
        if plain and os.access(base, os.W_OK | os.X_OK) and (account is None or account.reaches(base / "any")):
            return base
    raise PermissionError(
        "neither TMPDIR nor /tmp can hold the engine's socket: its path must be short, have no special characters "
        "and be accessible to the engine's user"
    )
