"""GET /health/live, /health/ready and /metrics: for whoever runs the service."""

import logging
from collections.abc import Callable

from litestar import Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from application.catalogue import UseCases
from entrypoints.api.answers import DependencyAnswer, LiveAnswer, ReadyAnswer
from entrypoints.api.replies import PRIVATE, READING, reply

LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
_log = logging.getLogger(__name__)

Metrics = Callable[[], tuple[bytes, str]]
"""The metrics as they stand, and their media type."""


def live_route(version: str) -> HTTPRouteHandler:
    """Whether the process answers at all; says nothing of what it stands on."""

    @route(LIVE, http_method=READING, sync_to_thread=False)
    def live() -> Response[bytes]:
        return reply(LiveAnswer("alive", version))

    return live


@route(READY, http_method=READING)
async def ready(use_cases: NamedDependency[UseCases]) -> Response[bytes]:
    """Whether each dependency works; status 503 when one does not. What is wrong with it is for the log only."""
    found = await use_cases.check_health()
    for dependency in found:
        if dependency.fault is not None:
            _log.warning("%s is down: %s", dependency.name, dependency.fault)
    answers = [DependencyAnswer(one.name, "up" if one.fault is None else "down") for one in found]
    if all(answer.status == "up" for answer in answers):
        return reply(ReadyAnswer("ready", answers))
    return reply(ReadyAnswer("not ready", answers), status=503)


def metrics_route(metrics: Metrics) -> HTTPRouteHandler:
    """The metrics, for Prometheus."""

    @route(METRICS, http_method=READING, sync_to_thread=False)
    def read_metrics() -> Response[bytes]:
        body, media_type = metrics()
        return Response(body, headers={**PRIVATE, "Content-Type": media_type})

    return read_metrics
