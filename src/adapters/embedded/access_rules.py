"""Authentication rules of the embedded PostgreSQL: every role needs a password (SCRAM).

Only roles with the attribute REPLICATION, which is the owner alone, can take base backups.

The rules are in a separate file beside `pg_hba.conf`, which trusts every client and is used by earlier releases
only. The file also records a digest of the owner's password: a cluster of an earlier release, or one restored
beside another password file, has the password set before it starts.
"""

import hashlib
import os
from pathlib import Path

from adapters.embedded.account import Account

NAME = "scoring_hba.conf"


def are_current(data: Path, password: str) -> bool:
    """Return whether this cluster has the current rules and this password."""
    try:
        return (data / NAME).read_text() == _rules(password)
    except FileNotFoundError:
        return False


def write_rules(data: Path, account: Account | None, password: str) -> None:
    """Write the rules after the password is set; an interrupted start repeats both."""
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
    return f"# SHA-256 of the owner's password: {digest}\nlocal all,replication all scram-sha-256\n"
