"""The problems of exceptions about users, passwords and sessions."""

from application.ports.access.login_attempts import TooManyAttempts
from application.use_cases.access.log_in import InvalidCredentials
from application.use_cases.access.login_records import LoginNotRecorded
from application.use_cases.access.manage_users import NameTaken, UserChanged, UserNotFound
from application.use_cases.access.web_sessions import SessionNotFound
from domain.access.account import PasswordChangeRequired
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import LastAdmin, OwnAccount, PermissionDenied
from domain.access.user_name import InvalidUsername
from entrypoints.api.http.problem_makers import RETRY, Problems, invalid_field, problem, sentence, whole_seconds
from entrypoints.api.http.problems import FieldError, RequestRejected


def _too_many_attempts(error: TooManyAttempts) -> RequestRejected:
    seconds = whole_seconds(error.wait)
    return RequestRejected(
        429,
        "too-many-attempts",
        "Too many login attempts",
        f"{sentence(error)} The password was not checked. Try again in {seconds} s.",
        headers=(("Retry-After", str(seconds)),),
    )


def _permission_denied(error: PermissionDenied) -> RequestRejected:
    return RequestRejected(403, "not-permitted", "Permission denied", str(error), error="insufficient_scope")


def _password_not_allowed(error: PasswordNotAllowed) -> RequestRejected:
    errors = [FieldError("new_password", str(error))]
    return RequestRejected(
        422, "password-not-allowed", "Password not allowed", "The password was not changed.", errors=errors
    )


PROBLEMS: Problems = {
    InvalidCredentials: problem(400, "wrong-credentials", "Invalid credentials", error="invalid_grant"),
    TooManyAttempts: _too_many_attempts,
    PermissionDenied: _permission_denied,
    PasswordChangeRequired: problem(
        403,
        "password-change-required",
        "Password change required",
        "Send username, current_password and new_password to /api/v1/auth/password, then log in again.",
    ),
    PasswordNotAllowed: _password_not_allowed,
    InvalidUsername: invalid_field("name"),
    UserNotFound: problem(404, "no-such-user", "User not found"),
    SessionNotFound: problem(404, "no-such-session", "Session not found"),
    NameTaken: problem(409, "username-taken", "Username taken"),
    OwnAccount: problem(409, "own-account", "Own account"),
    LastAdmin: problem(409, "last-admin", "Last administrator"),
    UserChanged: problem(412, "user-changed", "User changed"),
    LoginNotRecorded: problem(
        503,
        "login-not-recorded",
        "Login not recorded",
        "The login could not be recorded on the audit trail, so no access was granted. It does not count as a "
        "failed attempt. Ask the operators of the service: its log says why.",
        headers=RETRY,
    ),
}
