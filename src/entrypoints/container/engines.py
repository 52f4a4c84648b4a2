"""The engines a configuration needs: its own addresses, those of a service already running, or fresh ones."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from adapters.embedded import EmbeddedPostgres, EmbeddedValkey, Engine, EngineInUse, EngineUnavailable
from entrypoints.settings import Settings

__all__ = ["EngineInUse", "EngineUnavailable", "Watch", "engines", "engines_in_use_or_own"]

Watch = Callable[[], list[str]]
"""Restarts the engines that have ended, and says which."""


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

    def watch() -> list[str]:
        ended = [engine for engine in own.values() if not engine.running]
        for engine in ended:
            engine.start()
        return [engine.name for engine in ended]

    with ExitStack() as stack, ThreadPoolExecutor() as threads:
        for engine in own.values():
            stack.callback(engine.stop)
        addresses = dict(zip(own, threads.map(lambda engine: engine.start(), own.values()), strict=True))
        yield replace(settings, **addresses), watch


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
