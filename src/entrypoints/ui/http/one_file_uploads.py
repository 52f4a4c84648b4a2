"""Limits an upload to one file: further parts would be collected in memory."""

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
    """A NiceGUI route with a limit; Starlette's default allows a thousand files and a thousand fields."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(_OneFileRequest(request.scope, request.receive))

        return handle
