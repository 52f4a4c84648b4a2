"""Presents users and sessions as text."""

from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from application.use_cases.access.administer_users import UserState
from domain.access.user import ASSIGNABLE_ROLES
from domain.access.web_session import WebSession
from entrypoints.ui.shared.formats import capital
from entrypoints.ui.shared.time_zone import Moment

ROLES = {role.value: capital(role.value) for role in ASSIGNABLE_ROLES}
"""The labels of roles, by their names."""


@dataclass(frozen=True, slots=True)
class UserView:
    """A user; `state` has a chip of the style `style`."""

    name: str
    role: str
    state: str
    style: str
    icon_name: str
    last_login: str
    page: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """An open session in the web interface."""

    session_id: bytes
    started: str
    last_seen: str
    address: str
    is_current: bool


def user_view(user: UserState, zone: ZoneInfo) -> UserView:
    """The user, with times in the zone."""
    if user.locked_until is not None:
        state, style, icon_name = f"Locked until {Moment.of(user.locked_until, zone).local}", "declined", "lock"
    elif user.must_change_password:
        state, style, icon_name = "Must choose a password", "referred", "key"
    else:
        state, style, icon_name = "Active", "approved", "check_circle"
    last = "Never" if user.last_login_at is None else Moment.of(user.last_login_at, zone).local
    return UserView(
        user.name, ROLES[user.role.value], state, style, icon_name, last, f"/user?{urlencode({'name': user.name})}"
    )


def session_view(session: WebSession, zone: ZoneInfo, *, current: bytes | None = None) -> SessionView:
    """The session, with times in the zone; `current` is the identifier of the reader's own."""
    return SessionView(
        session.id,
        Moment.of(session.started_at, zone).local,
        Moment.of(session.last_seen_at, zone).local,
        session.address or "Unknown",
        session.id == current,
    )
