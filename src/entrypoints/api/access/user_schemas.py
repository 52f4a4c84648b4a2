"""Requests and responses on users and their sessions."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from domain.access.user_name import MAX_USERNAME_LENGTH
from entrypoints.api.http.responses import Timestamp

_Name = Annotated[str, Meta(min_length=1, max_length=MAX_USERNAME_LENGTH, examples=["broker-portal"])]
_Role = Annotated[
    Literal[
        "admin",
        "loan officer",
        "underwriter",
        "senior underwriter",
        "risk manager",
        "compliance",
        "auditor",
        "service",
    ],
    Meta(description="The user's role.", examples=["loan officer"]),
]
_MustChange = Annotated[
    bool | None,
    Meta(description="Whether the user must choose a new password first; by default all but services must."),
]


class NewUser(Struct, frozen=True, forbid_unknown_fields=True):
    """A user to add."""

    name: _Name
    role: _Role
    must_change_password: _MustChange = None


class UserChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What to change of a user."""

    role: _Role


class PasswordReset(Struct, frozen=True, forbid_unknown_fields=True):
    """How to reset a password; the body may be empty."""

    must_change_password: _MustChange = None


class UserResponse(Struct, frozen=True):
    """A user. The header `ETag` is that of the current state."""

    name: _Name
    role: _Role
    must_change_password: bool
    last_login_at: Annotated[Timestamp | None, Meta(description="The last login, UTC.")]
    locked_until: Annotated[
        Timestamp | None,
        Meta(description="Until when logins are refused after failed attempts, at least from some address, UTC."),
    ]
    open_sessions: Annotated[int, Meta(description="Open sessions in the web interface.")]
    etag: Annotated[str, Meta(description="Send it as `If-Match` to change or remove the user.")]


class UserList(Struct, frozen=True):
    """All users, by name."""

    users: list[UserResponse]


class OneTimePassword(Struct, frozen=True):
    """A generated password. It is stored nowhere, so it cannot be read again."""

    name: _Name
    password: Annotated[str, Meta(extra_json_schema={"format": "password"})]
    must_change_password: bool


class SessionResponse(Struct, frozen=True):
    """A session in the web interface."""

    session_id: Annotated[str, Meta(description="Identifies the session; it is no credential.")]
    started_at: Timestamp
    last_seen_at: Annotated[Timestamp, Meta(description="The last use, up to a minute old, UTC.")]
    address: Annotated[str, Meta(description="The network address of the login.")]


class SessionList(Struct, frozen=True):
    """The open sessions of a user, newest first."""

    sessions: list[SessionResponse]
