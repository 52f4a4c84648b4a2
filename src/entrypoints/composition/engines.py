"""The engines a configuration needs: its own addresses, those of a service already running, or fresh ones."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey, Engine, EngineInUse, EngineUnavailable
from application.operational_error import OperationalError
from entrypoints.configuration.settings import Settings

__all__ = ["EngineInUse", "EngineUnavailable", "Watch", "database_in_use", "engines", "engines_in_use_or_own"]

Watch = Callable[[], list[str]]
"""Restarts the engines that have ended, and says what became of each; one that will not start is tried again."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 4.0


@dataclass(slots=True)
class _Watched:
    """An engine that is started again whenever it ends, however often that fails: a full disk passes."""

    engine: Engine
    pause: float = _FIRST_PAUSE
    not_before: float = 0.0

    def look(self) -> str | None:
        """What happened, if anything did."""
        if self.engine.running or time.monotonic() < self.not_before:
            return None
        try:
            self.engine.start()
        except OperationalError as fault:
            self.not_before = time.monotonic() + self.pause
            self.pause = min(2 * self.pause, _LONGEST_PAUSE)
            return f"{self.engine.name} had ended and does not start; trying again. {fault}"
        self.pause = _FIRST_PAUSE
        return f"{self.engine.name} had ended and was started again"


@contextmanager
def engines(settings: Settings, *, cache: bool = True) -> Iterator[tuple[Settings, Watch]]:
    """Run the engines that have no address, and give the settings with every address filled in.

    Without `cache` only the database. Raises EngineInUse and EngineUnavailable.
    """
    own: dict[str, Engine] = {}
    if settings.database_url is None:
        own["database_url"] = EmbeddedPostgres(settings.data_dir)
    if cache and settings.redis_url is None:
        own["redis_url"] = EmbeddedValkey(settings.data_dir)

    watched = [_Watched(engine) for engine in own.values()]

    def watch() -> list[str]:
        return [said for each in watched if (said := each.look())]

    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        for engine in own.values():
            stack.callback(engine.stop)
        addresses = dict(zip(own, threads.map(lambda engine: engine.start(), own.values()), strict=True))
        yield replace(settings, **addresses), watch


def database_in_use(settings: Settings) -> Settings | None:
    """The settings with the address of a database that is there already; None where none is."""
    url = settings.database_url or EmbeddedPostgres.running_url(settings.data_dir)
    return replace(settings, database_url=url) if url else None


@contextmanager
def engines_in_use_or_own(settings: Settings, *, cache: bool = True) -> Iterator[Settings]:
    """The engines of a service that runs on the same data folder; where none runs, engines for this while."""
    running = replace(
        settings,
        database_url=settings.database_url or EmbeddedPostgres.running_url(settings.data_dir),
        redis_url=settings.redis_url or EmbeddedValkey.running_url(settings.data_dir),
    )
    with engines(running, cache=cache) as (addressed, _):
        yield addressed
