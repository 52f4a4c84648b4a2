"""A running service with a second process of the API and of the web interface, as on another machine."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from adapters.embedded import EmbeddedValkey
from harness.polling import eventually
from harness.running_service import SCORING, Service, free_ports
from replicas.behind_haproxy import ServerProcess


class TwoReplicas:
    """`scoring up`, and `scoring serve api` and `scoring serve ui` on the same engines."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.service = Service(folder, without=["worker"], **settings)
        self._stack = ExitStack()
        api, ui, api_metrics, ui_metrics = free_ports(4)
        environment = self.service.environment | {
            "SCORING_DATABASE_URL": self.service.database_url,
            "SCORING_REDIS_URL": EmbeddedValkey.running_url(folder) or "",
            "SCORING_API_PORT": str(api),
            "SCORING_UI_PORT": str(ui),
            "SCORING_API_METRICS_PORT": str(api_metrics),
            "SCORING_UI_METRICS_PORT": str(ui_metrics),
        }
        self.apis = [f"http://127.0.0.1:{port}" for port in (self.service.api_port, api)]
        self.pages = [f"http://127.0.0.1:{port}" for port in (self.service.ui_port, ui)]
        self._others = [
            ServerProcess(api, [*SCORING, "serve", "api"], environment, folder / "api.log"),
            ServerProcess(ui, [*SCORING, "serve", "ui"], environment, folder / "ui.log", health="/health/live"),
        ]

    def __enter__(self) -> Self:
        self._stack.callback(self.service.close)
        with ExitStack() as stack:
            for other in self._others:
                stack.enter_context(other)
            self._stack.push(stack.pop_all())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, fault, trace)

    def browser(self, **cookies: str) -> httpx.Client:
        """A browser with these cookies."""
        return self._stack.enter_context(httpx.Client(timeout=20, cookies=cookies))

    def scoring(self, *arguments: str) -> str:
        """The output of a command."""
        done = self.service.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def token(self, name: str, password: str, *, at: int = 0) -> httpx.Response:
        """The answer of the token endpoint."""
        form = {"grant_type": "password", "username": name, "password": password}
        return httpx.post(f"{self.apis[at]}/api/v1/auth/token", data=form, timeout=20)

    def log_in(self, name: str, password: str) -> "LoggedIn":
        """A user with an access token and a web session."""
        token = self.token(name, password).json()["access_token"]
        browser = self.browser()
        answer = browser.post(f"{self.pages[0]}/login", data={"name": name, "password": password})
        assert answer.status_code == 303
        return LoggedIn(self, token, browser)


class LoggedIn:
    """A token and a browser of one user."""

    def __init__(self, replicas: TwoReplicas, token: str, browser: httpx.Client) -> None:
        self._replicas = replicas
        self.token, self.browser = token, browser

    def api(self) -> list[int]:
        """The status of each API replica for a read."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return [
            httpx.get(f"{api}/api/v1/decisions", headers=headers, timeout=20).status_code
            for api in self._replicas.apis
        ]

    def web(self) -> list[int]:
        """The status of each web replica for a page."""
        return [self.browser.get(f"{page}/decisions").status_code for page in self._replicas.pages]

    def is_in_everywhere(self) -> bool:
        return self.api() == [200, 200] and self.web() == [200, 200]

    def is_out_everywhere(self) -> bool:
        return self.api() == [401, 401] and self.web() == [303, 303]


@contextmanager
def two_replicas(folder: Path, **settings: str) -> Iterator[TwoReplicas]:
    """Both running."""
    with TwoReplicas(folder, **settings) as replicas:
        yield replicas


def ends_within_5_seconds(who: LoggedIn) -> None:
    """Fail unless token and session are refused at every replica within 5 s."""
    eventually(who.is_out_everywhere, within=5.0)
