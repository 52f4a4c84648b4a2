"""Memory of the processes of a running service over time."""

import contextlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from harness.running_service import Service

MB = 1024 * 1024
_EVERY = 2.0


@dataclass(frozen=True)
class Sample:
    """Megabytes at a time in seconds since the start. Shared memory is counted once."""

    at: float
    api: float
    postgres: float
    valkey: float


def _proportional_memory(processes: list[psutil.Process]) -> float:
    """The sum of their proportional set sizes, in megabytes."""
    total = 0
    for process in processes:
        with contextlib.suppress(OSError, psutil.NoSuchProcess):
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


class Watch:
    """Takes samples until the end of the `with` block."""

    def __init__(self, service: Service) -> None:
        self.samples: list[Sample] = []
        self._service = service
        self._api = psutil.Process(service.api_process())
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watch":
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY):
            engines: dict[str, list[psutil.Process]] = {"postgres": [], "valkey-server": []}
            for process in self._service.family():
                with contextlib.suppress(psutil.NoSuchProcess):
                    engines.get(process.name(), []).append(process)
            sample = Sample(
                time.monotonic() - self._began,
                self._api.memory_info().rss / MB,
                _proportional_memory(engines["postgres"]),
                _proportional_memory(engines["valkey-server"]),
            )
            self.samples.append(sample)


def slope(samples: list[Sample], process_name: str) -> float:
    """Megabytes per minute, by least squares."""
    xs = [sample.at / 60 for sample in samples]
    ys = [float(getattr(sample, process_name)) for sample in samples]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
