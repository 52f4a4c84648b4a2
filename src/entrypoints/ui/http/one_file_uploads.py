"""An upload brings one file and nothing else: more parts would be collected in memory, and each file handled."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette._utils import AwaitableOrContextManager
from starlette.datastructures import FormData

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _OneFileRequest(Request):
    def form(self, **limits: Any) -> AwaitableOrContextManager[FormData]:
        return super().form(**limits | {"max_files": 1, "max_fields": 0})


class OneFileRoute(APIRoute):
    """A route of NiceGUI's, whose uploads would read a form of up to a thousand files and a thousand fields."""

    def get_route_handler(self) -> Handler:
        """The handler, given a request whose form is one file."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(_OneFileRequest(request.scope, request.receive))

        return handle
