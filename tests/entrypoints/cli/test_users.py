"""`scoring users`: who can log in, on a real database."""

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
from domain.access.user import Actor, Role
from entrypoints.cli.main import scoring
from entrypoints.composition.preparation import AdminPasswordNotAllowed, prepare_database
from entrypoints.configuration.settings import read_settings
from support.builders import login_limits

PASSWORD = r"[a-z2-9]{5}(?:-[a-z2-9]{5}){3}"
SECRET_KEY = "w8Fz3QmYt6RbN1xKd9LvC4sHj7PgAe2U"


@pytest.fixture
def prepared_url(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a database with its first user, which the command uses."""
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_LOG_LEVEL", "error")  # security events have tests of their own
    asyncio.run(prepare_database(read_settings(os.environ)))
    return migrated_url


def users(*arguments: str) -> Result:
    return CliRunner().invoke(scoring, ["users", *arguments])


def said(*arguments: str) -> str:
    done = users(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


def made_up(output: str) -> str:
    found = re.search(rf"Password: ({PASSWORD})  \(shown only this once\)\n$", output)
    assert found, output
    return found[1]


def log_in(url: str, name: str, password: str) -> Actor:
    """Whom a token speaks for that is issued for this name and password."""

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


def test_an_added_user_is_listed_and_logs_in_as_what_they_are(prepared_url: str) -> None:
    added = said("add", "marta", "--role", "loan officer")
    assert re.match(rf"Added marta, loan officer\. Password: {PASSWORD}  \(shown", added)
    assert log_in(prepared_url, "marta", made_up(added)) == Actor("marta", Role.LOAN_OFFICER)
    assert said("list") == "admin  admin\nmarta  loan officer\n2 users.\n"


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_given_with_blanks_or_hyphens(prepared_url: str, role: Role) -> None:
    said("add", "marta", "--role", role.value)
    said("add", "olga", "--role", role.value.replace(" ", "-"))
    assert said("list") == f"admin  admin\nmarta  {role.value}\nolga  {role.value}\n3 users.\n"


def test_a_name_is_the_same_however_a_keyboard_puts_its_letters_together(prepared_url: str) -> None:
    password = made_up(said("add", "Jose\u0301", "--role", "auditor"))
    for typed in ("Jose\u0301", "Jos\u00e9"):
        assert log_in(prepared_url, typed, password) == Actor("Jos\u00e9", Role.AUDITOR)
    said("role", "Jose\u0301", "--role", "service")
    password = made_up(said("password", "Jose\u0301"))
    assert log_in(prepared_url, "Jos\u00e9", password).role is Role.SERVICE
    said("remove", "Jose\u0301")


def test_a_new_password_takes_the_place_of_the_old_one_and_the_role_stays(prepared_url: str) -> None:
    first = made_up(said("add", "marta", "--role", "auditor"))
    changed = said("password", "marta")
    assert changed.startswith("Changed marta. Password: ")
    with pytest.raises(InvalidCredentials):
        log_in(prepared_url, "marta", first)
    assert log_in(prepared_url, "marta", made_up(changed)) == Actor("marta", Role.AUDITOR)


def test_a_lost_password_of_the_only_admin_is_not_the_end(prepared_url: str) -> None:
    assert log_in(prepared_url, "admin", made_up(said("password", "admin"))) == Actor("admin", Role.ADMIN)


def test_a_new_role_leaves_the_password(prepared_url: str) -> None:
    password = made_up(said("add", "marta", "--role", "loan-officer"))
    assert said("role", "marta", "--role", "risk-manager") == "Changed marta, risk manager.\n"
    assert log_in(prepared_url, "marta", password) == Actor("marta", Role.RISK_MANAGER)


def test_whoever_is_removed_logs_in_no_longer(prepared_url: str) -> None:
    password = made_up(said("add", "marta", "--role", "auditor"))
    assert said("remove", "marta") == "Removed marta.\n"
    with pytest.raises(InvalidCredentials):
        log_in(prepared_url, "marta", password)
    assert said("list") == "admin  admin\n1 user.\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "admin", "--role", "auditor"), "there is a user admin already"),
        (("add", " marta", "--role", "auditor"), "a name has 1 to 100 visible characters"),
        (("add", "mar\nta", "--role", "auditor"), "a name has 1 to 100 visible characters"),
        (("password", "marta"), "there is no user marta"),
        (("role", "marta", "--role", "auditor"), "there is no user marta"),
        (("remove", "marta"), "there is no user marta"),
        (("end-sessions", "marta"), "there is no user marta"),
        (("remove", "\udcff"), "there is no user "),  # what is no UTF-8 arrives so
        (("remove", "admin"), "admin is the last admin: make somebody else one first"),
        (("role", "admin", "--role", "auditor"), "admin is the last admin: make somebody else one first"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_changes_nothing(
    prepared_url: str, arguments: tuple[str, ...], why: str
) -> None:
    done = users(*arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: {why}")
    assert len(done.output.splitlines()) == 1
    assert said("list") == "admin  admin\n1 user.\n"


def test_a_role_must_be_given_and_be_one_of_those_there_are(prepared_url: str) -> None:
    assert users("add", "marta").exit_code == 2
    done = users("add", "marta", "--role", "janitor")
    assert done.exit_code == 2
    assert "'loan-officer'" in done.stderr


def test_the_first_user_gets_a_password_of_the_same_kind(
    migrated_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    created, generated = asyncio.run(prepare_database(read_settings(os.environ)))
    assert created
    assert re.fullmatch(PASSWORD, generated or "")


def test_a_database_without_its_form_is_told_as_that(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", database_url)
    done = users("list")
    assert str(done.exception).endswith("run `scoring migrate`")  # which `main` says in one line


def test_the_help_says_how_soon_tokens_and_sessions_end() -> None:
    for arguments in (("--help",), ("remove", "--help"), ("role", "--help"), ("password", "--help")):
        assert "end within 5 seconds" in " ".join(said(*arguments).split())


def change_password(current: str, new: str) -> Result:
    """Marta types the current one, and the new one twice."""
    arguments = ["users", "change-password", "marta"]
    return CliRunner().invoke(scoring, arguments, input=f"{current}\n{new}\n{new}\n")


def test_a_password_that_must_be_changed_opens_nothing_until_its_owner_has_changed_it(prepared_url: str) -> None:
    printed = made_up(said("add", "marta", "--role", "auditor", "--must-change"))
    with pytest.raises(PasswordChangeRequired):
        log_in(prepared_url, "marta", printed)
    chosen = "a meadow of seven lamps"
    typed = change_password(printed, chosen)
    assert typed.exit_code == 0, typed.output
    assert chosen not in typed.output
    assert printed not in typed.output
    assert log_in(prepared_url, "marta", chosen) == Actor("marta", Role.AUDITOR)
    reset = made_up(said("password", "marta", "--must-change"))
    with pytest.raises(PasswordChangeRequired):
        log_in(prepared_url, "marta", reset)


@pytest.mark.parametrize(
    ("current", "new", "why"),
    [
        (None, "password1234", "Error: this password, or one much like it"),
        (None, "short", "Error: a password has at least 12 characters"),
        (None, None, "Error: the new password must differ"),
        ("wrong", "a meadow of seven lamps", "Error: the name or the password is wrong"),
    ],
)
def test_a_password_is_changed_only_with_the_current_one_and_to_one_that_is_allowed(
    prepared_url: str, current: str | None, new: str | None, why: str
) -> None:
    password = made_up(said("add", "marta", "--role", "auditor"))
    done = change_password(current or password, new or password)
    assert done.exit_code == 1
    assert why in done.stderr
    assert log_in(prepared_url, "marta", password) == Actor("marta", Role.AUDITOR)


def test_ending_sessions_leaves_the_user(prepared_url: str) -> None:
    password = made_up(said("add", "marta", "--role", "auditor"))
    assert said("end-sessions", "marta") == "Ended all access tokens and sessions of marta.\n"
    assert log_in(prepared_url, "marta", password) == Actor("marta", Role.AUDITOR)


def test_no_sessions_are_listed_where_there_are_none_and_none_is_ended(prepared_url: str) -> None:
    assert CliRunner().invoke(scoring, ["sessions", "list"]).output == "0 sessions.\n"
    done = CliRunner().invoke(scoring, ["sessions", "end", "00" * 16])
    assert done.exit_code == 1
    assert done.stderr == f"Error: there is no open session {'00' * 16}\n"
    assert CliRunner().invoke(scoring, ["sessions", "end", "x"]).exit_code == 2


def test_a_weak_password_for_the_first_user_is_refused(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_ADMIN_PASSWORD", "Password1234")
    with pytest.raises(AdminPasswordNotAllowed, match="SCORING_ADMIN_PASSWORD cannot be used: this password"):
        asyncio.run(prepare_database(read_settings(os.environ)))


def secret(name: str) -> Result:
    done = CliRunner().invoke(scoring, ["webhooks", "secret", name])
    assert done.exit_code == 0, done.output
    assert len(done.stdout.split()) == 1
    return done


def test_the_secret_of_somebody_unknown_is_given_with_a_warning(
    prepared_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORING_SECRET_KEY", SECRET_KEY)
    said("add", "Ren\u00e9", "--role", "loan-officer")
    assert secret("admin").stderr == ""
    assert secret("Rene\u0301").stderr == ""
    assert secret("Rene\u0301").stdout == secret("Ren\u00e9").stdout
    assert secret("nobody").stderr.startswith("Warning: there is no user nobody;")


def test_a_secret_needs_no_database(unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORING_SECRET_KEY", SECRET_KEY)
    assert "Warning" not in secret("nobody").stderr
    monkeypatch.setenv("SCORING_DATABASE_URL", f"postgresql://scoring@127.0.0.1:{unused_tcp_port}/scoring")
    assert "Warning: could not check whether the user nobody exists." in secret("nobody").stderr
