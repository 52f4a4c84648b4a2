"""The service under test: at given addresses, or one of its own on this machine."""

import http.client
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from loadtest.plan import User, Users


class TargetUnusable(Exception):
    """The service cannot be tested as asked."""


@dataclass(frozen=True)
class Target:
    """Addresses of API and web interface, and the users of the test."""

    host: str
    web_host: str
    users: Users


@contextmanager
def own_service() -> Iterator[Target]:
    """A service with embedded engines in a temporary folder, and its users."""
    from domain.access.user import Role  # noqa: PLC0415 - not needed for a service elsewhere
    from harness.running_service import Service  # noqa: PLC0415 - as above

    with tempfile.TemporaryDirectory(prefix="scoring-load-") as folder:
        service = Service(Path(folder) / "data", SCORING_LOG_FORMAT="json")
        try:
            users = Users(
                User("load", service.add_user("load", Role.SERVICE)),
                User("load-staff", service.add_user("load-staff", Role.RISK_MANAGER)),
            )
            yield Target(f"http://127.0.0.1:{service.api_port}", f"http://127.0.0.1:{service.ui_port}", users)
        finally:
            service.close()


def check_ready(target: Target) -> None:
    """Raises TargetUnusable where the service is not ready, or does not accept a user's password."""
    _ask(f"{target.host}/health/ready")
    for user in filter(None, (target.users.service, target.users.staff)):
        form = {"grant_type": "password", "username": user.name, "password": user.password}
        _ask(f"{target.host}/api/v1/auth/token", urlencode(form).encode(), f"the user {user.name} cannot log in")
    if target.web_host:
        _ask(f"{target.web_host}/health/live")


def _ask(url: str, body: bytes | None = None, fault: str = "the service is not ready") -> None:
    if not url.startswith(("http://", "https://")):
        raise TargetUnusable(f"{url}: the address must begin with http:// or https://")
    try:
        with urlopen(Request(url, body), timeout=10) as answer:  # noqa: S310 - the scheme is checked
            answer.read()
    except HTTPError as refused:
        try:
            detail = json.loads(refused.read()).get("error_description") or refused.reason
        except (ValueError, AttributeError):
            detail = refused.reason
        raise TargetUnusable(f"{url}: {fault}: {refused.code} {detail}") from refused
    except (URLError, OSError, http.client.HTTPException) as unreachable:
        raise TargetUnusable(f"{url}: no answer ({unreachable})") from unreachable
