"""GET /health/live and /health/ready: for whoever runs the service."""

import logging
from collections.abc import Callable

from litestar import Response, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from application.catalog import UseCases
from entrypoints.api.decisions.schemas import DependencyStatus, LivenessResponse, ReadinessResponse
from entrypoints.api.http.responses import READING, reply

LIVE, READY = "/health/live", "/health/ready"
_log = logging.getLogger(__name__)


def live_route(version: str) -> HTTPRouteHandler:
    """Whether the process answers at all; says nothing of what it stands on."""

    @route(LIVE, http_method=READING, sync_to_thread=False)
    def live() -> Response[bytes]:
        return reply(LivenessResponse("alive", version))

    return live


def ready_route(leaving: Callable[[], bool]) -> HTTPRouteHandler:
    """Whether decisions can be asked for here: status 503 while what they need is down, or the process leaves.

    What is wrong with a dependency is for the log only.
    """

    @route(READY, http_method=READING)
    async def ready(use_cases: NamedDependency[UseCases]) -> Response[bytes]:
        found = await use_cases.check_health()
        for dependency in found:
            if dependency.fault is not None:
                _log.warning("%s is down: %s", dependency.name, dependency.fault)
        answers = [DependencyStatus(one.name, "up" if one.fault is None else "down") for one in found]
        if leaving():
            return reply(ReadinessResponse("leaving", answers), status=503)
        if all(one.fault is None for one in found if one.needed):
            return reply(ReadinessResponse("ready", answers))
        return reply(ReadinessResponse("not ready", answers), status=503)

    return ready
