"""The two faces as ASGI applications over the same use cases, opened and closed with their server."""

import os
from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from typing import Any, Protocol

from adapters.security.derived_keys import Purpose
from entrypoints.composition.metrics import metrics_port
from entrypoints.composition.release import VERSION
from entrypoints.composition.secrets import key_for
from entrypoints.composition.serving import Service
from entrypoints.configuration.settings import Settings
from entrypoints.http.canonical_paths import canonical_paths_only, not_found

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]
Hook = Callable[[], Awaitable[None]]


def make_ready(face: str) -> None:
    """Import what a face will need, as far as that wants no address: NiceGUI reads one when it is imported."""
    if face == "api":
        import_module("entrypoints.api.app")


def api_app(settings: Settings) -> AsgiApp:
    """The API, in a process of its own or in one of several workers."""
    service = Service.of(settings, "api")
    exposition = service.observability.metrics.exposition
    port = metrics_port(settings, "api", exposition, workers=settings.api_workers)
    return _api(settings, service, *_hooks(service, port))


class _Opened(Protocol):
    """What is opened before the first request, and closed after the last."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...


def _hooks(*parts: _Opened | None) -> tuple[list[Hook], list[Hook]]:
    """Opens these, and closes them in reverse order."""
    there = [part for part in parts if part is not None]
    return [part.open for part in there], [part.close for part in reversed(there)]


def _api(settings: Settings, service: Service, opening: Sequence[Hook], closing: Sequence[Hook]) -> AsgiApp:
    from entrypoints.api.app import create_app  # noqa: PLC0415 - each process imports its own face only

    return create_app(
        service.use_cases,
        version=VERSION,
        middleware=(service.observability.middleware,),
        notice=settings.notice_seconds,
        trusted_proxies=settings.trusted_proxies,
        answered=None if service.observability.tracer else service.observability.answered_requests,
        on_startup=opening,
        on_shutdown=closing,
    )


def ui_app(settings: Settings) -> AsgiApp:
    """The web interface; its sessions are kept in the database, so that any replica knows them."""
    os.environ["NICEGUI_REDIS_URL"] = settings.redis_url or ""  # NiceGUI reads it when imported
    from entrypoints.ui.app import create_app  # noqa: PLC0415 - each process imports its own face only

    service = Service.of(settings, "ui")
    port = metrics_port(settings, "ui", service.observability.metrics.exposition)
    opening, closing = _hooks(service, port)
    app = create_app(
        service.use_cases,
        version=VERSION,
        storage_secret=key_for(settings, Purpose.WEB_SESSIONS).hex(),
        secure_cookies=settings.secure_cookies,
        on_startup=opening,
        on_shutdown=closing,
    )
    return service.observability.middleware(canonical_paths_only(app, not_found))
