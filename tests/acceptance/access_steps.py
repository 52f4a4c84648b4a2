"""Steps: users, log-in and permissions."""

from datetime import timedelta

from pytest_bdd import given, parsers, then, when

from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.access.user import Actor, Role
from domain.audit.event import EventKind

CORRECT_PASSWORD = "correct horse battery"
OTHER_ADDRESS = "203.0.113.9"


@given(parsers.re(r'(?P<name>\w+) is an? (?P<role>loan officer|admin) with the password "(?P<password>.+)"'))
def _(lender: Lender, state: ScenarioState, name: str, role: str, password: str) -> None:
    state.person = name
    lender.add_user(name, Role(role), password)


@given(parsers.re(r'(?P<name>\w+) is a new loan officer with the initial password "(?P<password>.+)"'))
def _(lender: Lender, state: ScenarioState, name: str, password: str) -> None:
    state.person = name
    lender.add_user_with_initial_password(name, password)


@when(parsers.parse('her password is reset to "{password}"'))
def _(lender: Lender, state: ScenarioState, password: str) -> None:
    lender.reset_password(state.person, password)


@when(parsers.parse("her role is changed to {role}"))
def _(lender: Lender, state: ScenarioState, role: str) -> None:
    assert lender.change_role(state.person, Role(role))


@when(parsers.parse("the administrator {administrator} changes her role to {role}"))
def _(lender: Lender, state: ScenarioState, administrator: str, role: str) -> None:
    assert lender.change_role(state.person, Role(role), by=administrator)


@when("her account is removed")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.remove_user(state.person)


@then("her account cannot be removed or changed to loan officer")
def _(lender: Lender, state: ScenarioState) -> None:
    assert not lender.remove_user(state.person)
    assert not lender.change_role(state.person, Role.LOAN_OFFICER)


@when(parsers.parse('she changes her password from "{current}" to "{new}"'))
def _(lender: Lender, state: ScenarioState, current: str, new: str) -> None:
    state.password_accepted = lender.change_password(state.person, current, new)


@then("the new password is accepted")
def _(state: ScenarioState) -> None:
    assert state.password_accepted


@then("the new password is rejected")
def _(state: ScenarioState) -> None:
    assert not state.password_accepted


@when(parsers.parse('she logs in with the password "{password}"'))
def _(lender: Lender, state: ScenarioState, password: str) -> None:
    state.logged_in = lender.log_in(state.person, password)


@given("she has logged in at the office before")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.log_in(state.person, CORRECT_PASSWORD)


@when("she logs in with the correct password")
@when("she logs in with the correct password at the office")
def _(lender: Lender, state: ScenarioState) -> None:
    state.logged_in = lender.log_in(state.person, CORRECT_PASSWORD)


@when("she logs in with the correct password from a new address")
@when("she logs in with the correct password from that address")
def _(lender: Lender, state: ScenarioState) -> None:
    state.logged_in = lender.log_in(state.person, CORRECT_PASSWORD, OTHER_ADDRESS)


@when(parsers.re(r"she enters a wrong password( another)? (?P<times>\d+) times"))
def _(lender: Lender, state: ScenarioState, times: str) -> None:
    for _ in range(int(times)):
        assert not lender.log_in(state.person, "a wrong password")


@when(parsers.parse("attackers at {addresses:d} addresses guess her password"))
def _(lender: Lender, state: ScenarioState, addresses: int) -> None:
    for number in range(addresses):
        assert not lender.log_in(state.person, "guessed", f"198.51.100.{number}")


@when(parsers.parse("an attacker at one address guesses the passwords of {users:d} users"))
def _(lender: Lender, users: int) -> None:
    for number in range(users):
        assert not lender.log_in(f"user {number}", "guessed", OTHER_ADDRESS)


@when(parsers.parse("{minutes:d} minutes pass"))
def _(lender: Lender, minutes: int) -> None:
    lender.advance_clock(timedelta(minutes=minutes))


@then("she is logged in")
def _(state: ScenarioState) -> None:
    assert state.logged_in


@then("the log-in is refused")
def _(state: ScenarioState) -> None:
    assert not state.logged_in


@then("she can still log in with the old password")
def _(lender: Lender, state: ScenarioState) -> None:
    assert lender.log_in(state.person, CORRECT_PASSWORD)


@then("she must log in again")
def _(lender: Lender, state: ScenarioState) -> None:
    assert not lender.is_logged_in(state.person)


@then(parsers.parse("the broker {name} can read the decision, and finds {count:d} decision"))
def _(lender: Lender, state: ScenarioState, name: str, count: int) -> None:
    broker = Actor(name, Role.SERVICE)
    assert lender.can_read(state.answer.decision_id, by=broker) == "allowed"
    assert lender.decision_count(by=broker) == count


@then(parsers.parse("the broker {name} cannot find the decision, and finds {count:d} decisions"))
def _(lender: Lender, state: ScenarioState, name: str, count: int) -> None:
    broker = Actor(name, Role.SERVICE)
    assert lender.can_read(state.answer.decision_id, by=broker) == "absent"
    assert lender.decision_count(by=broker) == count


@then(parsers.re(r"reading the decision is (?P<result>\w+) for the (?P<role>.+)"))
def _(lender: Lender, state: ScenarioState, result: str, role: str) -> None:
    assert lender.can_read(state.answer.decision_id, by=Actor("user", Role(role))) == result


@then(parsers.re(r"explaining the decision is refused for the broker (?P<name>\w+)"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    assert lender.can_explain(state.answer.decision_id, by=Actor(name, Role.SERVICE)) == "refused"


@then(parsers.re(r"explaining the decision is (?P<result>\w+) for the (?P<role>(?!broker).+)"))
def _(lender: Lender, state: ScenarioState, result: str, role: str) -> None:
    assert lender.can_explain(state.answer.decision_id, by=Actor("user", Role(role))) == result


@then(parsers.re(r"verifying the audit trail is (?P<result>\w+) for the (?P<role>.+)"))
def _(lender: Lender, result: str, role: str) -> None:
    assert lender.can_verify(by=Actor("user", Role(role))) == result


_ADMINISTRATOR = r"(?:the (?P<role>loan officer|risk manager|auditor|service) )?(?P<by>\w+)"


def _actor(by: str, role: str | None) -> Actor:
    return Actor(by, Role(role) if role else Role.ADMIN)


@when(parsers.re(r"(?P<by>\w+) adds the (?P<role>[a-z ]+) (?P<name>\w+)"))
def _(lender: Lender, state: ScenarioState, by: str, role: str, name: str) -> None:
    state.generated_password = lender.administer("add", name, by=Actor(by, Role.ADMIN), role=Role(role))


@when(parsers.re(_ADMINISTRATOR + r" makes (?P<name>\w+) an? (?P<new>[a-z ]+)"))
def _(lender: Lender, state: ScenarioState, by: str, role: str | None, name: str, new: str) -> None:  # noqa: PLR0917 - names of the pattern
    state.generated_password = lender.administer("change_role", name, by=_actor(by, role), role=Role(new))


@when(parsers.re(_ADMINISTRATOR + r" resets the password of (?P<name>\w+)"))
def _(lender: Lender, state: ScenarioState, by: str, role: str | None, name: str) -> None:
    state.generated_password = lender.administer("reset_password", name, by=_actor(by, role))


@when(parsers.parse("{by} unlocks {name}"))
def _(lender: Lender, state: ScenarioState, by: str, name: str) -> None:
    state.generated_password = lender.administer("unlock", name, by=Actor(by, Role.ADMIN))


@when(parsers.parse("{by} ends all sessions of {name}"))
def _(lender: Lender, state: ScenarioState, by: str, name: str) -> None:
    state.generated_password = lender.administer("end_sessions", name, by=Actor(by, Role.ADMIN))


@when(parsers.re(r"(?P<by>[A-Z]\w+) removes (?P<name>\w+)"))
def _(lender: Lender, state: ScenarioState, by: str, name: str) -> None:
    state.generated_password = lender.administer("remove", name, by=Actor(by, Role.ADMIN))


@then("the change is refused")
def _(state: ScenarioState) -> None:
    assert state.generated_password is None


@when(parsers.parse("{name} logs in with the generated password"))
def _(lender: Lender, state: ScenarioState, name: str) -> None:
    assert state.generated_password
    state.logged_in = lender.log_in(name, state.generated_password)


@when(parsers.parse('{name} changes the generated password to "{new}"'))
def _(lender: Lender, state: ScenarioState, name: str, new: str) -> None:
    assert state.generated_password
    state.password_accepted = lender.change_password(name, state.generated_password, new)


@then(parsers.re(r"the audit trail says that (?P<by>\w+) (?P<action>[a-z ]+) (?P<name>[A-Z]\w+)"))
def _(lender: Lender, by: str, action: str, name: str) -> None:
    kind = {
        "added": EventKind.USER_ADDED,
        "reset the password of": EventKind.PASSWORD_RESET,
        "unlocked": EventKind.USER_UNLOCKED,
        "changed the role of": EventKind.ROLE_CHANGED,
    }[action]
    assert (by, kind, name) in [(each.actor, each.kind, each.subject) for each in lender.decisions.events()]
