"""PostgreSQL and Valkey for a configuration: at configured addresses, of a running service, or embedded."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey, Engine, EngineInUse, EngineUnavailable
from adapters.persistence.database.pooler import check_database_addresses
from application.operational_error import OperationalError
from entrypoints.configuration.settings import Settings

__all__ = [
    "EngineInUse",
    "EngineUnavailable",
    "RestartEngines",
    "check_addresses",
    "engines",
    "engines_in_use_or_own",
    "running_database",
]

RestartEngines = Callable[[], list[str]]
"""Restarts the embedded engines that have stopped, and returns a line on each."""

_FIRST_BACKOFF, _LONGEST_BACKOFF = 0.5, 4.0


@dataclass(slots=True)
class _RestartedEngine:
    """An engine that is restarted whenever it stops, however often that fails: a full disk may be temporary."""

    engine: Engine
    backoff: float = _FIRST_BACKOFF
    not_before: float = 0.0

    def restart_if_stopped(self) -> str | None:
        """Return a line on what happened; None where the engine runs or a retry is not due."""
        if self.engine.running or time.monotonic() < self.not_before:
            return None
        try:
            self.engine.start()
        except OperationalError as fault:
            self.not_before = time.monotonic() + self.backoff
            self.backoff = min(2 * self.backoff, _LONGEST_BACKOFF)
            return f"{self.engine.name} stopped and does not start; retrying. {fault}"
        self.backoff = _FIRST_BACKOFF
        return f"{self.engine.name} stopped and was restarted"


def check_addresses(settings: Settings) -> None:
    """Check the configured database addresses where the database answers; raises InvalidDatabaseAddress."""
    if settings.database_url is not None:
        asyncio.run(check_database_addresses(settings.database_url, settings.database_pooler_url))


@contextmanager
def engines(settings: Settings, *, cache: bool = True) -> Iterator[tuple[Settings, RestartEngines]]:
    """Run embedded engines where no address is configured, and yield the settings with every address.

    Without `cache` only the database. Raises EngineInUse, EngineUnavailable and InvalidDatabaseAddress.
    """
    check_addresses(settings)
    embedded: dict[str, Engine] = {}
    if settings.database_url is None:
        embedded["database_url"] = EmbeddedPostgres(settings.data_dir)
    if cache and settings.redis_url is None:
        embedded["redis_url"] = EmbeddedValkey(settings.data_dir)

    restarted = [_RestartedEngine(engine) for engine in embedded.values()]

    def restart() -> list[str]:
        return [event for each in restarted if (event := each.restart_if_stopped())]

    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        for engine in embedded.values():
            stack.callback(engine.stop)
        urls = threads.map(lambda engine: engine.start(), embedded.values())
        yield replace(settings, **dict(zip(embedded, urls, strict=True))), restart


def running_database(settings: Settings) -> Settings | None:
    """The settings with the address of the database that runs already; None where none does."""
    url = settings.database_url or EmbeddedPostgres.running_url(settings.data_dir)
    return replace(settings, database_url=url) if url else None


@contextmanager
def engines_in_use_or_own(settings: Settings, *, cache: bool = True) -> Iterator[Settings]:
    """Use the engines of a service that runs on the same data folder, or start engines for this context."""
    running = replace(
        settings,
        database_url=settings.database_url or EmbeddedPostgres.running_url(settings.data_dir),
        redis_url=settings.redis_url or EmbeddedValkey.running_url(settings.data_dir),
    )
    with engines(running, cache=cache) as (addressed, _):
        yield addressed
