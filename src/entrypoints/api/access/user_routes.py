"""Users, their roles, passwords and sessions, for callers who may manage users."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from litestar import Request, Response, delete, patch, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter
from msgspec import Struct

from application.catalog import UseCases
from application.use_cases.access.administer_users import NewPassword, UserState
from application.use_cases.access.manage_users import UserChanged
from application.use_cases.access.web_sessions import SessionNotFound
from domain.access.user import Actor, Permission, Role
from entrypoints.api.access.user_schemas import (
    NewUser,
    OneTimePassword,
    PasswordReset,
    SessionList,
    SessionResponse,
    UserChange,
    UserList,
    UserResponse,
)
from entrypoints.api.http.declarations import read, request_body, secured_problems
from entrypoints.api.http.json_body import read_struct
from entrypoints.api.http.problems import RequestRejected
from entrypoints.api.http.request_body import read_body, require_media_type
from entrypoints.api.http.responses import JSON

PATH = "/api/v1/users"
_ONE = PATH + "/{name:str}"
LARGEST_BODY = 4 * 1024
_ETAG = ResponseHeader(name="ETag", documentation_only=True, description="Identifies the state of the user.")
_IF_MATCH = HeaderParameter(
    name="If-Match", description="The `ETag` of the user as the caller read it, or `*` for any. Required."
)
Body = TypeVar("Body", bound=Struct)


@read(PATH, responses=secured_problems())
async def list_users(use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]) -> UserList:
    """List users.

    All of them by name, with role, last login and whether logins are refused at the moment.
    """
    return UserList([_user(each) for each in await use_cases.user_administration.list(by=caller)])


@post(
    PATH,
    status_code=201,
    response_headers=[
        ResponseHeader(name="Location", documentation_only=True, description="The path of the user.")
    ],
    responses=secured_problems(408, 409, 413, 415, 422),
    operation_class=request_body(JSON, form=NewUser),
)
async def add_user(
    request: Request[Any, Any, Any], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[OneTimePassword]:
    """Add a user.

    The response has a generated password, which is stored nowhere. Repeating the request is safe: a name is added
    once, and then answered with 409. If the response was lost, reset the password.
    """
    wanted = await _read(request, caller, NewUser)
    added = await use_cases.user_administration.add(
        wanted.name, Role(wanted.role), by=caller, must_change=wanted.must_change_password
    )
    return Response(_password(added), headers={"Location": f"{PATH}/{quote(added.name, safe='')}"})


@read(_ONE, response_headers=[_ETAG], responses=secured_problems(404))
async def read_user(
    name: FromPath[str], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[UserResponse]:
    """Read a user."""
    return _response(await use_cases.user_administration.read(name, by=caller))


@patch(
    _ONE,
    response_headers=[_ETAG],
    responses=secured_problems(404, 408, 409, 412, 413, 415, 422, 428),
    operation_class=request_body(JSON, form=UserChange),
)
async def change_user(
    *,
    request: Request[Any, Any, Any],
    name: FromPath[str],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, _IF_MATCH] = None,
) -> Response[UserResponse]:
    """Change a user's role.

    The user's access tokens and sessions end. Users cannot change their own role, and one administrator remains.
    """
    wanted = await _read(request, caller, UserChange)
    generation = _generation(if_match)
    administration = use_cases.user_administration
    await administration.change_role(name, Role(wanted.role), by=caller, generation=generation)
    return _response(await administration.read(name, by=caller))


@delete(_ONE, responses=secured_problems(404, 409, 412, 428))
async def remove_user(
    name: FromPath[str],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
    if_match: Annotated[str | None, _IF_MATCH] = None,
) -> None:
    """Remove a user.

    The user's access tokens and sessions end. What is recorded under the name remains. Users cannot remove
    themselves, and one administrator remains.
    """
    caller.require(Permission.MANAGE_USERS)
    await use_cases.user_administration.remove(name, by=caller, generation=_generation(if_match))


@post(
    _ONE + "/password",
    status_code=200,
    responses=secured_problems(404, 408, 409, 413, 415, 422),
    operation_class=request_body(JSON, form=PasswordReset),
)
async def reset_password(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
) -> OneTimePassword:
    """Reset a user's password.

    The response has a generated password, which is stored nowhere. The user's access tokens and sessions end.
    """
    wanted = await _read(request, caller, PasswordReset)
    must_change = wanted.must_change_password
    return _password(await use_cases.user_administration.reset_password(name, by=caller, must_change=must_change))


@post(_ONE + "/unlock", status_code=204, responses=secured_problems(404))
async def unlock_user(
    name: FromPath[str], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> None:
    """Unlock a user.

    Failed logins of the user no longer count, so that the user can log in at once. The limit of an address stays.
    """
    await use_cases.user_administration.unlock(name, by=caller)


@read(_ONE + "/sessions", responses=secured_problems(404))
async def list_sessions(
    name: FromPath[str], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> SessionList:
    """List the open sessions of a user in the web interface."""
    caller.require(Permission.MANAGE_USERS)
    found = await use_cases.user_administration.sessions(name, by=caller)
    return SessionList(
        [SessionResponse(each.id.hex(), each.started_at, each.last_seen_at, each.address) for each in found]
    )


@delete(_ONE + "/sessions", responses=secured_problems(404))
async def end_sessions(
    name: FromPath[str], use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> None:
    """End all sessions and access tokens of a user.

    They end within 5 seconds on every replica. The password stays, so a stolen one must be reset.
    """
    await use_cases.user_administration.end_sessions(name, by=caller)


@delete(_ONE + "/sessions/{session_id:str}", responses=secured_problems(404))
async def end_session(
    name: FromPath[str],
    session_id: FromPath[str],
    use_cases: NamedDependency[UseCases],
    caller: NamedDependency[Actor],
) -> None:
    """End a session of a user in the web interface."""
    caller.require(Permission.MANAGE_USERS)
    try:
        identifier = bytes.fromhex(session_id)
    except ValueError:
        raise SessionNotFound("there is no such session") from None
    await use_cases.user_administration.end_session(name, identifier, by=caller)


async def _read(request: Request[Any, Any, Any], caller: Actor, kind: type[Body]) -> Body:
    """The body; the permission is checked before the body is read."""
    caller.require(Permission.MANAGE_USERS)
    headers: Mapping[bytes, bytes] = dict(request.scope["headers"])
    body = await read_body(request.receive, headers, limit=LARGEST_BODY)
    if body:
        require_media_type(JSON, headers)
    return read_struct(body, kind)


def _generation(if_match: str | None) -> int | None:
    """The generation that a change requires; None for any. Raises RequestRejected and UserChanged."""
    if if_match is None:
        raise RequestRejected(
            428,
            "precondition-required",
            "Precondition required",
            "Read the user first, and send its ETag in the header If-Match, so that no change is lost.",
        )
    tag = if_match.strip()
    if tag == "*":
        return None
    digits = tag.removeprefix('"').removesuffix('"')
    if tag != f'"{digits}"' or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise UserChanged("If-Match names no state of this user; read the user again")
    return int(digits)


def _user(user: UserState) -> UserResponse:
    assert user.role is not Role.APPLICANT  # noqa: S101 - for mypy: no user has it
    return UserResponse(
        user.name,
        user.role.value,
        user.must_change_password,
        user.last_login_at,
        user.locked_until,
        user.open_sessions,
        _etag(user),
    )


def _response(user: UserState) -> Response[UserResponse]:
    return Response(_user(user), headers={"ETag": _etag(user)})


def _etag(user: UserState) -> str:
    return f'"{user.generation}"'


def _password(new: NewPassword) -> OneTimePassword:
    return OneTimePassword(new.name, new.password, new.must_change)


USER_ROUTES = (
    list_users,
    add_user,
    read_user,
    change_user,
    remove_user,
    reset_password,
    unlock_user,
    list_sessions,
    end_sessions,
    end_session,
)
