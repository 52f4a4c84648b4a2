"""A start that failed, for a full disk say, does not stand in the way of the next."""

import errno
from pathlib import Path
from typing import Any

import pytest

from adapters.embedded import EmbeddedValkey, EngineUnavailable, engine
from adapters.embedded.folder import Owner, read_owner, write_owner


class FullDisk:
    """Lets so many owners be written, and no more."""

    def __init__(self, room_for: int) -> None:
        self.room_for = room_for

    def write(self, hold: int, owner: Owner) -> None:
        if not self.room_for:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.room_for -= 1
        write_owner(hold, owner)


@pytest.mark.parametrize("room_for", [0, 1, 2])
def test_the_next_start_has_the_same_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room_for: int
) -> None:
    valkey = EmbeddedValkey(tmp_path, durable=False)
    with valkey:
        address = valkey.url
        valkey.stop()
        with monkeypatch.context() as full:
            full.setattr(engine, "write_owner", FullDisk(room_for).write)
            with pytest.raises(EngineUnavailable, match="No space left on device"):
                valkey.start()
        assert not valkey.running
        assert valkey.start() == address


def test_an_owner_is_written_over_the_one_before(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w+") as lock:
        written: list[Any] = [Owner(pid=1, url="x" * 100, sockets="y"), Owner(pid=2)]
        for owner in written:
            write_owner(lock.fileno(), owner)
            assert read_owner(lock.fileno()) == owner
