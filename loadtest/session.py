"""Requests of a simulated user through locust's client, which measures and counts them."""

import http.client
import json
import random
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import gevent
from gevent.lock import BoundedSemaphore

from loadtest.checks import WrongAnswer
from loadtest.gates import WAITING
from loadtest.plan import User

Check = Callable[[Any], Any]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Tokens:
    """Access tokens, shared by all simulated users and renewed at half of their lifetime."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, float]] = {}
        self._lock = BoundedSemaphore(1)

    def headers(self, client: Any, user: User) -> dict[str, str]:
        """The header that authenticates this user."""
        with self._lock:
            token, renew_at = self._known.get(user.name, ("", 0.0))
            if time.monotonic() > renew_at:
                form = {"grant_type": "password", "username": user.name, "password": user.password}
                answer = client.post("/api/v1/auth/token", data=urlencode(form), headers=FORM, name="token").json()
                token, renew_at = answer["access_token"], time.monotonic() + answer["expires_in"] / 2
                self._known[user.name] = token, renew_at
        return {"Authorization": f"Bearer {token}"}


_TOKENS = Tokens()


class Session:
    """Sends requests and checks the answers."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def send(
        self,
        name: str,
        method: str,
        path: str,
        check: Check,
        status: int = 200,
        *,
        user: User | None = None,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Any:
        """Send a request, with a token of the `user`, and return what `check` makes of the answer.

        None where it failed or is wrong; locust counts that as a failure of `name`.
        """
        sent = dict(headers or {})
        if user is not None:
            sent |= _TOKENS.headers(self._client, user)
        with self._client.request(method, path, name=name, catch_response=True, headers=sent, **body) as response:
            if response.status_code != status:
                response.failure(f"status {response.status_code}{_problem(response)}")
                return None
            try:
                return check(response) or True
            except WrongAnswer as fault:
                response.failure(f"wrong answer: {fault}")
            except (ValueError, KeyError, TypeError) as fault:
                response.failure(f"unreadable answer: {type(fault).__name__}: {fault}")
        return None

    def give_up(
        self, name: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str], user: User
    ) -> None:
        """Send a request and close the connection without reading the answer, as after a timeout."""
        target = urlsplit(self._client.base_url)
        secure = target.scheme == "https"
        connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = connect(target.hostname or "", target.port, timeout=5)
        everything = {
            **_TOKENS.headers(self._client, user),
            **headers,
            "Content-Type": "application/json",
        }
        try:
            connection.request("POST", path, json.dumps(body), everything)
            gevent.sleep(random.uniform(0, 0.01))  # noqa: S311 - not a secret
        except OSError as fault:
            self.note(name, time.perf_counter(), f"not sent: {type(fault).__name__}")
        finally:
            connection.close()

    def note(self, name: str, began: float, fault: str | None) -> None:
        """Report what is no request to locust."""
        self._client.request_event.fire(
            request_type=WAITING,
            name=name,
            response_time=1000 * (time.perf_counter() - began),
            response_length=0,
            exception=Exception(fault) if fault else None,
            context={},
        )


def _problem(response: Any) -> str:
    """The type of problem of an error response."""
    try:
        return f": {str(response.json()['type']).rpartition(':')[2]}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
