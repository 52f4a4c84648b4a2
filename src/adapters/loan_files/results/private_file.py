"""Files that hold applicants' data: readable by their owner alone, whatever the process's umask."""

import os
from pathlib import Path
from typing import BinaryIO


def create_private_file(path: Path) -> BinaryIO:
    """A new file with mode 0600, open for writing; what was left under the name is removed first.

    Nothing that somebody else puts under the name meanwhile, a symbolic link for instance, is written to: then it
    raises FileExistsError.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)  # a umask may have taken the owner's own rights away
    return os.fdopen(descriptor, "wb")
