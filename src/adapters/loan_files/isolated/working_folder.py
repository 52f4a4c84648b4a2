"""Working folders for uploaded files on a worker's disk, removed by the next worker if the worker is killed.

A folder is locked (flock) while its worker runs. A folder left behind by a killed worker, with applicants' data,
is not locked; the next worker of the same user that creates a folder removes it.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

_PREFIX = "scoring-loans-"


@contextmanager
def working_folder(parent: Path | None) -> Iterator[Path]:
    """A new folder, private to this user, by default in the system's temporary folder. Raises OSError."""
    _remove_left_behind(Path(parent or gettempdir()))
    with ExitStack() as stack:
        folder = None
        while folder is None or not folder.exists():  # another worker may have removed it before it was locked
            folder = Path(stack.enter_context(TemporaryDirectory(prefix=_PREFIX, dir=parent)))
            with suppress(FileNotFoundError):
                _lock(stack.enter_context(_open(folder)))
        yield folder


def _lock(descriptor: int) -> None:
    with suppress(OSError):  # a file system without locks; nothing is removed from it either
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _remove_left_behind(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), _open(folder) as lock:  # in use, another user's, or already removed
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)


@contextmanager
def _open(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
