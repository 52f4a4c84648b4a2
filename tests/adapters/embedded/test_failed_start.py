"""A failed start, for example on a full disk, does not prevent the next one."""

import errno
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded import EmbeddedValkey, EngineUnavailable, engine
from adapters.embedded.folder import Owner, read_owner, write_owner


class FullDisk:
    """Fails after `writes_left` owners were written."""

    def __init__(self, writes_left: int) -> None:
        self.writes_left = writes_left

    def write(self, lock_fd: int, owner: Owner) -> None:
        if not self.writes_left:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.writes_left -= 1
        write_owner(lock_fd, owner)


@pytest.mark.parametrize("writes_left", [0, 1, 2])
def test_a_start_after_a_failed_one_has_the_same_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes_left: int
) -> None:
    valkey = EmbeddedValkey(tmp_path, durable=False)
    with valkey:
        address = valkey.url
        valkey.stop()
        with monkeypatch.context() as full:
            full.setattr(engine, "write_owner", FullDisk(writes_left).write)
            with pytest.raises(EngineUnavailable, match="No space left on device"):
                valkey.start()
        assert not valkey.running
        assert valkey.start() == address


def test_a_new_owner_replaces_the_previous_one(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w+") as lock:
        written: list[Any] = [Owner(pid=1, url="x" * 100, sockets="y"), Owner(pid=2)]
        for owner in written:
            write_owner(lock.fileno(), owner)
            assert read_owner(lock.fileno()) == owner
