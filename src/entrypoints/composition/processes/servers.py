"""The API and the web interface as ASGI applications, with everything that opens and closes with their server."""

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, Protocol

from adapters.security.derived_keys import Purpose
from entrypoints.composition.container import Container
from entrypoints.composition.metrics import metrics_parts
from entrypoints.composition.observability import VERSION
from entrypoints.composition.processes.certificate_tasks import certificate_tasks
from entrypoints.composition.processes.process_tasks import (
    aggregation_tasks,
    following_tasks,
    policy_refresh,
    process_tasks,
    verification_tasks,
)
from entrypoints.composition.secrets import key_for
from entrypoints.configuration.settings import Settings
from entrypoints.http.canonical_paths import canonical_paths_only, not_found
from entrypoints.http.root_path import under_root_path
from entrypoints.periodic_tasks.copy_refresh import REFRESH_SECONDS, CopyRefresh
from entrypoints.periodic_tasks.periodic_tasks import PeriodicTask, PeriodicTasks
from entrypoints.runtime import tune_garbage_collection

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]
Hook = Callable[[], Awaitable[None]]


class _Opened(Protocol):
    """Opened before the first request and closed after the last."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class ServerLifespan:
    """Opens and closes the container of one server; nothing connects before."""

    def __init__(self, container: Container, process: str) -> None:
        self._container = container
        users, sessions = container.directory(), container.web_sessions()
        refreshes = [users.refresh] if process == "api" else [sessions.refresh, users.refresh]
        self._refresh = CopyRefresh(*refreshes, subject="users and sessions", forget=users.invalidate)
        self._refresh_policy = policy_refresh(container)
        self._background: list[_Opened] = [
            PeriodicTasks(
                [
                    PeriodicTask("refreshing users and sessions", self._refresh),
                    PeriodicTask("refreshing the policy in force", self._refresh_policy),
                ],
                interval=REFRESH_SECONDS,
            ),
            process_tasks(container, process),
            aggregation_tasks(container),
            *following_tasks(container, process),
            *verification_tasks(container, process),
            *certificate_tasks(container, process),
        ]

    async def open(self) -> None:
        await self._container.ledger().open()
        await self._refresh()
        await self._refresh_policy()
        for tasks in self._background:
            await tasks.open()
        tune_garbage_collection()

    async def close(self) -> None:
        """Record the decisions that are queued, then close every connection."""
        await self._container.ledger().close()
        for tasks in self._background:
            await tasks.close()
        await self._container.caches().close()
        await self._container.engine().dispose()
        await self._container.access_engine().dispose()
        await self._container.audit_engine().dispose()
        await self._container.history_engine().dispose()
        self._container.observability().close()


def _hooks(*parts: _Opened | None) -> tuple[list[Hook], list[Hook]]:
    """What opens these parts, and what closes them in reverse order."""
    present = [part for part in parts if part is not None]
    return [part.open for part in present], [part.close for part in reversed(present)]


def preload(process: str) -> None:
    """Import what a server needs before its settings are known, except for NiceGUI, which reads one of them."""
    if process == "api":
        import_module("entrypoints.api.app")


def api_app(settings: Settings) -> AsgiApp:
    """The API, in its own process or in one of several workers."""
    container = Container(settings=settings, process="api")
    return _api(container, ServerLifespan(container, "api"), *metrics_parts(container, "api"))


def _api(container: Container, *parts: _Opened | None) -> AsgiApp:
    from entrypoints.api.app import create_app  # noqa: PLC0415 - each process imports its own server only

    settings, observability = container.settings(), container.observability()
    on_startup, on_shutdown = _hooks(*parts)
    return create_app(
        container.use_cases(),
        version=VERSION,
        middleware=(partial(under_root_path, root_path=settings.root_path), observability.middleware),
        root_path=settings.root_path,
        notice=settings.drain_seconds,
        trusted_proxies=settings.trusted_proxies,
        request_log=observability.request_log,
        authenticate=observability.observe(container.use_cases().identify_caller.current, "authenticate"),
        on_startup=on_startup,
        on_shutdown=on_shutdown,
    )


def ui_app(settings: Settings) -> AsgiApp:
    """The web interface; any replica knows its sessions, which are stored in the database."""
    os.environ["NICEGUI_REDIS_URL"] = ""  # its storage is unused, but each tab would wait for Redis to load it
    from entrypoints.ui.app import create_app  # noqa: PLC0415 - each process imports its own server only

    container = Container(settings=settings, process="ui")
    on_startup, on_shutdown = _hooks(ServerLifespan(container, "ui"), *metrics_parts(container, "ui"))
    use_cases = container.use_cases()
    app = create_app(
        replace(use_cases, assess_once=container.observability().log_decisions(use_cases.assess_once)),
        version=VERSION,
        storage_secret=key_for(settings, Purpose.WEB_SESSIONS).hex(),
        draft_secret=key_for(settings, Purpose.DRAFTS),
        secure_cookies=settings.https_only,
        root_path=settings.root_path,
        lender_zone=settings.time_zone,
        around_event=container.observability().page_event,
        on_startup=on_startup,
        on_shutdown=on_shutdown,
    )
    observed = container.observability().middleware(canonical_paths_only(app, not_found))
    return under_root_path(observed, settings.root_path)
