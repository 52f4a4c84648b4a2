"""Routes that tell the observer of requests their path, as FastAPI's do."""

from starlette.routing import Route
from starlette.types import Receive, Scope, Send


class TemplateRoute(Route):
    """A route of Starlette, which sets `path_template` in the scope for logs, metrics and traces."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["path_template"] = self.path
        await super().handle(scope, receive, send)
