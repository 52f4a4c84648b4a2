"""`scoring users` on a real database."""

import asyncio
import os
import re

import pytest
from click.testing import CliRunner, Result

from adapters.memory.login_attempts import MemoryLoginAttempts
from adapters.memory.user_directory import MemoryUserDirectory
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.database.connections import database_engine
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock
from application.use_cases.access.log_in import IdentifyCaller, InvalidCredentials, IssueAccessToken, LogIn
from domain.access.account import PasswordChangeRequired
from domain.access.user import ASSIGNABLE_ROLES, Actor, Role
from entrypoints.cli.main import scoring
from entrypoints.composition.processes.preparation import AdminPasswordNotAllowed, prepare_database
from entrypoints.configuration.settings import read_settings
from support.builders import login_limits

PASSWORD = r"[a-z2-9]{5}(?:-[a-z2-9]{5}){3}"
SECRET_KEY = "w8Fz3QmYt6RbN1xKd9LvC4sHj7PgAe2U"


@pytest.fixture
def prepared_url(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database with its first user, which the command uses."""
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_LOG_LEVEL", "error")  # security events are tested elsewhere
    asyncio.run(prepare_database(read_settings(os.environ)))
    return migrated_url


def users(*arguments: str) -> Result:
    return CliRunner().invoke(scoring, ["users", *arguments])


def output_of(*arguments: str) -> str:
    done = users(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def generated_password(output: str) -> str:
    found = re.search(rf"Password: ({PASSWORD})  \(shown only this once\)\n$", output)
    assert found, output
    return found[1]


def log_in(url: str, name: str, password: str) -> Actor:
    """Log in, and return the actor that the token identifies."""

    async def issued() -> Actor:
        engine = database_engine(url)
        try:
            tokens = JwtAccessTokens(b"k" * 32, SystemClock())
            attempts = MemoryLoginAttempts(login_limits(), SystemClock())
            issue = IssueAccessToken(LogIn(PostgresUsers(engine), Argon2PasswordHasher(), attempts), tokens)
            directory = MemoryUserDirectory(PostgresUsers(engine))
            await directory.refresh()
            return IdentifyCaller(tokens, directory)((await issue(name, password, address="192.0.2.1")).token)
        finally:
            await engine.dispose()

    return asyncio.run(issued())


def test_an_added_user_is_listed_and_logs_in_with_the_role(prepared_url: str) -> None:
    added = output_of("add", "marta", "--role", "loan officer")
    assert re.match(rf"Added marta, loan officer\. Password: {PASSWORD}  \(shown", added)
    assert log_in(prepared_url, "marta", generated_password(added)) == Actor("marta", Role.LOAN_OFFICER)
    assert output_of("list") == "admin  admin\nmarta  loan officer\n2 users.\n"


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
def test_every_role_can_be_given_with_spaces_or_hyphens(prepared_url: str, role: Role) -> None:
    output_of("add", "marta", "--role", role.value)
    output_of("add", "olga", "--role", role.value.replace(" ", "-"))
    assert output_of("list") == f"admin  admin\nmarta  {role.value}\nolga  {role.value}\n3 users.\n"


def test_a_username_matches_in_every_unicode_normalization_form(prepared_url: str) -> None:
    password = generated_password(output_of("add", "Jose\u0301", "--role", "auditor"))
    for typed in ("Jose\u0301", "Jos\u00e9"):
        assert log_in(prepared_url, typed, password) == Actor("Jos\u00e9", Role.AUDITOR)
    output_of("role", "Jose\u0301", "--role", "service")
    password = generated_password(output_of("password", "Jose\u0301"))
    assert log_in(prepared_url, "Jos\u00e9", password).role is Role.SERVICE
    output_of("remove", "Jose\u0301")


def test_a_reset_password_replaces_the_old_one_and_the_role_stays(prepared_url: str) -> None:
    first = generated_password(output_of("add", "marta", "--role", "auditor"))
    changed = output_of("password", "marta")
    assert changed.startswith("Changed marta. Password: ")
    with pytest.raises(InvalidCredentials):
        log_in(prepared_url, "marta", first)
    assert log_in(prepared_url, "marta", generated_password(changed)) == Actor("marta", Role.AUDITOR)


def test_the_password_of_the_only_admin_can_be_reset(prepared_url: str) -> None:
    assert log_in(prepared_url, "admin", generated_password(output_of("password", "admin"))) == Actor(
        "admin", Role.ADMIN
    )


def test_a_changed_role_keeps_the_password(prepared_url: str) -> None:
    password = generated_password(output_of("add", "marta", "--role", "loan-officer"))
    assert output_of("role", "marta", "--role", "risk-manager") == "Changed marta, risk manager.\n"
    assert log_in(prepared_url, "marta", password) == Actor("marta", Role.RISK_MANAGER)


def test_a_removed_user_cannot_log_in(prepared_url: str) -> None:
    password = generated_password(output_of("add", "marta", "--role", "auditor"))
    assert output_of("remove", "marta") == "Removed marta.\n"
    with pytest.raises(InvalidCredentials):
        log_in(prepared_url, "marta", password)
    assert output_of("list") == "admin  admin\n1 user.\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "admin", "--role", "auditor"), "there is a user admin already"),
        (("add", " marta", "--role", "auditor"), "a username has 1 to 100 visible characters"),
        (("add", "mar\nta", "--role", "auditor"), "a username has 1 to 100 visible characters"),
        (("password", "marta"), "there is no user marta"),
        (("role", "marta", "--role", "auditor"), "there is no user marta"),
        (("remove", "marta"), "there is no user marta"),
        (("end-sessions", "marta"), "there is no user marta"),
        (("remove", "\udcff"), "there is no user "),  # how bytes that are not UTF-8 arrive
        (("remove", "admin"), "admin is the last admin: make another user an admin first"),
        (("role", "admin", "--role", "auditor"), "admin is the last admin: make another user an admin first"),
    ],
)
def test_a_refused_command_is_explained_in_one_line_and_changes_nothing(
    prepared_url: str, arguments: tuple[str, ...], why: str
) -> None:
    done = users(*arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {why}")
    assert len(done.output.splitlines()) == 1
    assert output_of("list") == "admin  admin\n1 user.\n"


def test_a_valid_role_is_required(prepared_url: str) -> None:
    assert users("add", "marta").exit_code == 2
    done = users("add", "marta", "--role", "janitor")
    assert done.exit_code == 2
    assert "'loan-officer'" in done.stderr


def test_the_first_user_gets_a_generated_password(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    created, generated = asyncio.run(prepare_database(read_settings(os.environ)))
    assert created
    assert re.fullmatch(PASSWORD, generated or "")


def test_a_database_without_its_schema_is_reported(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", database_url)
    done = users("list")
    assert "run `scoring migrate`" in str(done.exception)  # which `main` prints as one line


def test_the_help_states_how_soon_tokens_and_sessions_end() -> None:
    for arguments in (("--help",), ("remove", "--help"), ("role", "--help"), ("password", "--help")):
        assert "end within 5 seconds" in " ".join(output_of(*arguments).split())


def change_password(current: str, new: str) -> Result:
    """Enter the current password, and the new one twice."""
    arguments = ["users", "change-password", "marta"]
    return CliRunner().invoke(scoring, arguments, input=f"{current}\n{new}\n{new}\n")


def test_a_password_that_must_be_changed_gives_no_access_until_it_is_changed(prepared_url: str) -> None:
    printed = generated_password(output_of("add", "marta", "--role", "auditor", "--must-change"))
    with pytest.raises(PasswordChangeRequired):
        log_in(prepared_url, "marta", printed)
    chosen = "a meadow of seven lamps"
    typed = change_password(printed, chosen)
    assert typed.exit_code == 0, typed.output
    assert chosen not in typed.output
    assert printed not in typed.output
    assert log_in(prepared_url, "marta", chosen) == Actor("marta", Role.AUDITOR)
    reset = generated_password(output_of("password", "marta", "--must-change"))
    with pytest.raises(PasswordChangeRequired):
        log_in(prepared_url, "marta", reset)


@pytest.mark.parametrize(
    ("current", "new", "why"),
    [
        (None, "password1234", "Error: this password, or one very similar"),
        (None, "short", "Error: a password must have at least 12 characters"),
        (None, None, "Error: the new password must differ"),
        ("wrong", "a meadow of seven lamps", "Error: the name or the password is wrong"),
    ],
)
def test_changing_a_password_requires_the_current_one_and_an_allowed_new_one(
    prepared_url: str, current: str | None, new: str | None, why: str
) -> None:
    password = generated_password(output_of("add", "marta", "--role", "auditor"))
    done = change_password(current or password, new or password)
    assert done.exit_code == 1
    assert why in done.stderr
    assert log_in(prepared_url, "marta", password) == Actor("marta", Role.AUDITOR)


def test_ending_sessions_keeps_the_user(prepared_url: str) -> None:
    password = generated_password(output_of("add", "marta", "--role", "auditor"))
    assert output_of("end-sessions", "marta") == "Ended all access tokens and sessions of marta.\n"
    assert log_in(prepared_url, "marta", password) == Actor("marta", Role.AUDITOR)


def test_without_sessions_none_is_listed_or_ended(prepared_url: str) -> None:
    assert CliRunner().invoke(scoring, ["sessions", "list"]).output == "0 sessions.\n"
    done = CliRunner().invoke(scoring, ["sessions", "end", "00" * 16])
    assert done.exit_code == 1
    assert done.stderr == f"Error: there is no open session {'00' * 16}\n"
    assert CliRunner().invoke(scoring, ["sessions", "end", "x"]).exit_code == 2


def test_a_weak_password_for_the_first_user_is_rejected(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_ADMIN_PASSWORD", "Password1234")
    with pytest.raises(AdminPasswordNotAllowed, match="SCORING_ADMIN_PASSWORD cannot be used: this password"):
        asyncio.run(prepare_database(read_settings(os.environ)))


def secret(name: str) -> Result:
    done = CliRunner().invoke(scoring, ["webhooks", "secret", name])
    assert done.exit_code == 0, done.output
    assert len(done.stdout.split()) == 1
    return done


def test_the_secret_of_an_unknown_user_is_printed_with_a_warning(
    prepared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_SECRET_KEY", SECRET_KEY)
    output_of("add", "Ren\u00e9", "--role", "loan-officer")
    assert secret("admin").stderr == ""
    assert secret("Rene\u0301").stderr == ""
    assert secret("Rene\u0301").stdout == secret("Ren\u00e9").stdout
    assert secret("nobody").stderr.startswith("Warning: there is no user nobody;")


def test_printing_a_secret_needs_no_database(unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_SECRET_KEY", SECRET_KEY)
    assert "Warning" not in secret("nobody").stderr
    monkeypatch.setenv("SCORING_DATABASE_URL", f"postgresql://scoring@127.0.0.1:{unused_tcp_port}/scoring")
    assert "Warning: could not check whether the user nobody exists." in secret("nobody").stderr
