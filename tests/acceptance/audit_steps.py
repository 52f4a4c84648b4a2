"""Steps: the audit trail, its checkpoints, and what an intruder with database access does."""

from pytest_bdd import given, parsers, then, when

from acceptance.lender import Lender
from acceptance.scenario_state import ScenarioState
from domain.audit.event import EventKind
from domain.audit.verified_position import Scope
from domain.month import Month
from domain.policies.version_3 import POLICY_3


def month_of(state: ScenarioState) -> Month:
    """The month of the last decision."""
    month = Month.of_identifier(state.answer.decision_id)
    assert month is not None
    return month


@given("the service creates a checkpoint")
@when("the service creates a checkpoint")
def _(lender: Lender) -> None:
    lender.create_checkpoint()


@given("the auditor keeps a copy of the checkpoint")
def _(lender: Lender) -> None:
    lender.copy_checkpoint()


@when(parsers.re(r"an intruder alters the recommended amount of the (?P<place>\d+)(st|rd) decision"))
def _(lender: Lender, state: ScenarioState, place: str) -> None:
    lender.decisions.alter(state.answers[int(place) - 1].decision_id)


@when(parsers.re(r"an intruder removes the last (?P<count>\d+) decisions and their entries"))
def _(lender: Lender, count: str) -> None:
    lender.decisions.remove_last(int(count))


@when(parsers.re(r"an intruder removes the (?P<place>\d+)rd decision, but not its entry"))
def _(lender: Lender, place: str) -> None:
    lender.decisions.remove((int(place),))


@when("an intruder inserts a decision that was never made")
def _(lender: Lender, state: ScenarioState) -> None:
    lender.decisions.insert_without_entry(state.answer.decision_id)


@when("the intruder replaces the checkpoint with one signed by another key")
def _(lender: Lender) -> None:
    lender.forge_checkpoint()


@when("the intruder removes the checkpoint")
def _(lender: Lender) -> None:
    lender.remove_checkpoints(1)


@when("an intruder alters the stored policy")
def _(lender: Lender) -> None:
    lender.alter_stored_policy()


@when("an intruder removes the stored policy")
def _(lender: Lender) -> None:
    lender.remove_stored_policy()


@when("the decisions of this month are moved to an archive")
def _(lender: Lender) -> None:
    lender.decisions.remove(range(1, 6))


@then(parsers.parse("the audit trail has {count:d} entries and no integrity errors"))
def _(lender: Lender, count: int) -> None:
    verification = lender.verify()
    assert (verification.entries, verification.violations) == (count, ())


@then(parsers.parse("the audit trail has {count:d} checkpoint, signed by the service"))
def _(lender: Lender, count: int) -> None:
    verification = lender.verify()
    assert (verification.checkpoints, verification.key) == (count, lender.signer.public_key.hex())


@then(parsers.parse("the audit trail shows that {administrator} changed the role of {name} to {role}"))
def _(lender: Lender, administrator: str, name: str, role: str) -> None:
    assert lender.role_changes() == [(administrator, name, role)]


@then("the audit trail has no integrity errors")
@then("verification without the copy finds no integrity errors")
def _(lender: Lender) -> None:
    assert lender.verify().violations == ()


@then(parsers.parse("verification reports that the record of entry {place:d} was altered"))
def _(lender: Lender, place: int) -> None:
    (violation,) = lender.verify().violations
    assert violation.sequence == place
    assert "was altered" in violation.why


@then(parsers.parse("verification reports that entries are missing from entry {place:d}"))
def _(lender: Lender, place: int) -> None:
    (violation,) = lender.verify().violations
    assert (violation.sequence, violation.checkpoint) == (place, 1)
    assert "cannot be found" in violation.why


@then(
    parsers.parse(
        "verification with this month declared as archived finds {entries:d} entries, no integrity errors and "
        "{archived:d} archived records"
    )
)
def _(lender: Lender, state: ScenarioState, entries: int, archived: int) -> None:
    found = lender.verify(archived=[month_of(state)])
    assert (found.entries, found.violations, found.archived) == (entries, (), archived)


@then(parsers.parse("verification without that declaration reports {count:d} missing records"))
def _(lender: Lender, count: int) -> None:
    reported = [violation.why for violation in lender.verify().violations]
    assert len(reported) == count
    assert all("is missing" in why for why in reported)


@then(
    parsers.parse(
        "verification with last month declared as archived reports that the record of entry {place:d} is missing"
    )
)
def _(lender: Lender, state: ScenarioState, place: int) -> None:
    (violation,) = lender.verify(archived=[month_of(state).later(-1)]).violations
    assert violation.sequence == place
    assert "is missing" in violation.why


@then("verification reports a decision without an entry")
def _(lender: Lender) -> None:
    (violation,) = lender.verify().violations
    assert violation.place.startswith("decision ")
    assert violation.sequence is None


@then("verification reports that the stored policy was altered")
def _(lender: Lender) -> None:
    (violation,) = lender.verify().violations
    assert violation.place == f"policy {POLICY_3.fingerprint}"
    assert "was changed" in violation.why


@then("verification reports decisions under a policy that is not stored")
def _(lender: Lender) -> None:
    (violation,) = lender.verify().violations
    assert POLICY_3.fingerprint in violation.why
    assert "not stored" in violation.why


@then("verification with the copy finds no integrity errors")
def _(lender: Lender) -> None:
    assert lender.verify_with_copy().violations == ()


@then("verification with the copy reports that the checkpoint is missing")
def _(lender: Lender) -> None:
    (violation,) = lender.verify_with_copy().violations
    assert violation.place == "checkpoint 1"
    assert "missing" in violation.why


@then("verification without the copy reports that there is nothing to verify")
def _(lender: Lender) -> None:
    assert lender.verify().empty


@then("verification reports that the checkpoint was not signed by the service")
def _(lender: Lender) -> None:
    (violation,) = lender.verify().violations
    assert violation.place == "checkpoint 1"
    assert "not trusted" in violation.why


@given("the auditor has verified the audit trail")
def _(lender: Lender) -> None:
    assert lender.verify().violations == ()


@when(parsers.parse('Olga logs in with the password "{password}"'))
def _(lender: Lender, password: str) -> None:
    assert lender.log_in("Olga", password)


@when(parsers.parse("an attacker tries {count:d} wrong passwords for {name}"))
def _(lender: Lender, count: int, name: str) -> None:
    assert not any(lender.log_in(name, f"wrong password {attempt}") for attempt in range(count))


@when(parsers.parse('an attacker logs in as "{name}"'))
def _(lender: Lender, name: str) -> None:
    assert not lender.log_in(name, "wrong")


@then(parsers.parse("an incremental verification covers {count:d} entries and finds no integrity errors"))
def _(lender: Lender, count: int) -> None:
    found = lender.verify_incrementally()
    assert (found.scope, found.entries, found.violations) == (Scope.INCREMENTAL, count, ())


@then("an incremental verification finds no integrity errors")
def _(lender: Lender) -> None:
    found = lender.verify_incrementally()
    assert (found.scope, found.violations) == (Scope.INCREMENTAL, ())


@then("from then on an incremental verification covers everything, until no integrity errors remain")
def _(lender: Lender) -> None:
    found = lender.verify_incrementally()
    assert (found.scope, found.violation_count) == (Scope.WHOLE, 1)


@then("an incremental verification reports that the checkpoint was removed")
def _(lender: Lender) -> None:
    found = lender.verify_incrementally()
    assert found.scope is Scope.INCREMENTAL
    assert any(each.checkpoint == 1 and "removed" in each.why for each in found.violations)


@then(parsers.parse("the audit trail shows that {name} logged in"))
def _(lender: Lender, name: str) -> None:
    (event,) = lender.events(actor=name, kinds=[EventKind.LOGGED_IN])
    assert (event.subject, event.details["through"]) == (name, "api")


@then(parsers.re(r"the audit trail shows (?P<count>\d+) failed logins? of (?P<name>.+) in one event"))
def _(lender: Lender, count: str, name: str) -> None:
    (event,) = lender.events(kinds=[EventKind.LOGIN_FAILED])
    assert event.details["attempts"] == int(count)
    assert event.subject == ("" if name == "an unknown user" else name)


@then(parsers.parse('the audit trail does not contain "{text}"'))
def _(lender: Lender, text: str) -> None:
    assert not any(text in str(event.details) for event in lender.events())


@when("the auditor verifies everything")
def _(lender: Lender) -> None:
    lender.verify()


@then(parsers.parse("the report of that verification names the altered record of entry {place:d}"))
def _(lender: Lender, place: int) -> None:
    report, fault = lender.verification_report()
    assert (report["by"], report["scope"], report["result"], fault) == ("Arthur", "whole", "broken", "")
    (violation,) = report["violations"]
    assert violation["entry"] == place
    assert "was altered" in violation["why"]


@then("an intruder who alters the report is found out")
def _(lender: Lender) -> None:
    lender.alter_report()
    assert "was altered" in lender.verification_report()[1]
