"""The two faces as ASGI applications over the same use cases, opened and closed with their server."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

from entrypoints.container.secrets import secret_key
from entrypoints.container.serving import VERSION, Service
from entrypoints.settings import Settings, read_settings

AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]


def api_app(settings: Settings) -> AsgiApp:
    """The API."""
    from entrypoints.api.app import create_app  # noqa: PLC0415 - each process imports its own face only

    service = Service.of(settings, "api")
    return create_app(
        service.use_cases,
        version=VERSION,
        middleware=(service.observability.middleware,),
        metrics=service.observability.metrics.exposition,
        notice=settings.notice_seconds,
        on_startup=(service.open,),
        on_shutdown=(service.close,),
    )


def api_worker() -> AsgiApp:
    """The API in one of several workers, from the environment that the first process has checked."""
    return api_app(read_settings(os.environ))


def ui_app(settings: Settings) -> AsgiApp:
    """The web interface; its sessions live in the cache's server, so that any replica knows them."""
    os.environ["NICEGUI_REDIS_URL"] = settings.redis_url or ""  # NiceGUI reads it when imported
    from entrypoints.ui.app import create_app  # noqa: PLC0415 - each process imports its own face only

    service = Service.of(settings, "ui")
    app = create_app(
        service.use_cases,
        version=VERSION,
        storage_secret=secret_key(settings).hex(),
        metrics=service.observability.metrics.exposition,
        on_startup=(service.open,),
        on_shutdown=(service.close,),
    )
    return service.observability.middleware(app)
