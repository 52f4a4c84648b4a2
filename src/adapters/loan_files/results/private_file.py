"""Files with applicants' data: readable only by their owner, whatever the process's umask."""

import os
from pathlib import Path
from typing import BinaryIO


def create_private_file(path: Path) -> BinaryIO:
    """A new file with mode 0600, open for writing; an existing file of that name is removed first.

    If something else appears under the name meanwhile, such as a symbolic link, nothing is written to it and
    FileExistsError is raised.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    os.fchmod(descriptor, 0o600)  # the umask may have removed the owner's own permissions
    return os.fdopen(descriptor, "wb")
