"""Health checks."""

import logging

from litestar import Response
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec

from application.catalog import UseCases
from entrypoints.api.http.declarations import read
from entrypoints.api.http.draining import Drain
from entrypoints.api.operations.schemas import DependencyStatus, LivenessResponse, ReadinessResponse

_log = logging.getLogger(__name__)


@read("/health/live", sync_to_thread=False)
def live(version: NamedDependency[str]) -> LivenessResponse:
    """Check that the process responds."""
    return LivenessResponse("alive", version)


@read(
    "/health/ready",
    responses={
        503: ResponseSpec(
            ReadinessResponse,
            generate_examples=False,
            description="A dependency that decisions need is down, or the process stops soon.",
        )
    },
)
async def ready(
    use_cases: NamedDependency[UseCases], drain: NamedDependency[Drain]
) -> Response[ReadinessResponse]:
    """Check whether this process can decide."""
    checked = await use_cases.check_health()
    for dependency in checked:
        if dependency.fault is not None:
            _log.warning("%s is down: %s", dependency.name, dependency.fault)
    dependencies = [DependencyStatus(one.name, "up" if one.fault is None else "down") for one in checked]
    if drain.started:
        return Response(ReadinessResponse("leaving", dependencies), status_code=503)
    if all(one.fault is None for one in checked if one.needed):
        return Response(ReadinessResponse("ready", dependencies))
    return Response(ReadinessResponse("not ready", dependencies), status_code=503)


OPERATION_ROUTES = (live, ready)
