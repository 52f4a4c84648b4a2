"""Who may connect to the embedded PostgreSQL: every role with a password (SCRAM), no role without one.

The rules lie in a file of their own beside PostgreSQL's `pg_hba.conf`, which trusts every client and counts for
earlier releases alone. The file also tells which password the owner has: a cluster that an earlier release made,
or that was restored beside another password file, gets the password set before it starts.
"""

import hashlib
import os
from pathlib import Path

from adapters.embedded.account import Account

NAME = "scoring_hba.conf"


def in_force(data: Path, password: str) -> bool:
    """Whether this cluster has the rules and the password."""
    try:
        return (data / NAME).read_text() == _rules(password)
    except FileNotFoundError:
        return False


def put_in_force(data: Path, account: Account | None, password: str) -> None:
    """Write the rules once the password is set; a start that is cut off in between does both again."""
    draft = data / f"{NAME}.new"
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as file:
        if account is not None:
            os.fchown(descriptor, account.uid, account.gid)
        file.write(_rules(password))
        file.flush()
        os.fsync(descriptor)
    draft.replace(data / NAME)


def _rules(password: str) -> str:
    digest = hashlib.sha256(password.encode()).hexdigest()
    return f"# SHA-256 of the owner's password: {digest}\nlocal all all scram-sha-256\n"
