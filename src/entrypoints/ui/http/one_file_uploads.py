"""Uploads of one file: further parts would be collected in memory, and deleted pages would stay there."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from nicegui import ui
from starlette._utils import AwaitableOrContextManager
from starlette.datastructures import FormData

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _OneFileRequest(Request):
    def form(self, **limits: Any) -> AwaitableOrContextManager[FormData]:
        return super().form(**limits | {"max_files": 1, "max_fields": 0})


class ForgettingUpload(ui.upload):
    """An upload that releases its page when it is deleted.

    FastAPI keeps the functions of its last 4,096 routes in a cache, and the function of an upload's route keeps
    the handlers, which keep the page.
    """

    def _handle_delete(self) -> None:
        super()._handle_delete()
        self._begin_upload_handlers.clear()
        self._upload_handlers.clear()
        self._multi_upload_handlers.clear()


class OneFileRoute(APIRoute):
    """A NiceGUI route with a limit; Starlette's default allows a thousand files and a thousand fields."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(_OneFileRequest(request.scope, request.receive))

        return handle
