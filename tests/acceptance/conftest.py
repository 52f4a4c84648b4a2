"""The steps of the specifications, the same for both ways to the lender."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from pytest_bdd import given, parsers, then, when

from acceptance.batch_steps import *  # noqa: F403 - steps register themselves
from acceptance.counterfactual_steps import *  # noqa: F403 - as above
from acceptance.lenders import OFFICER, Answer, Lender
from acceptance.overview_steps import *  # noqa: F403 - as above
from domain.access.user import Actor, Role
from domain.month import Month
from domain.policies.version_1 import POLICY_1
from support.other_models import CHAMPION, another_model

RIGHT = "correct horse battery"
STRANGE_PLACE = "203.0.113.9"


@dataclass
class Story:
    """What has happened so far: each borrower's form by name, who is spoken of, and the answers given."""

    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    borrower: str = ""
    answers: list[Answer | None] = field(default_factory=list)
    let_in: bool = False
    chosen: bool = False

    @property
    def form(self) -> dict[str, Any]:
        return self.forms[self.borrower]

    @property
    def answer(self) -> Answer:
        last = self.answers[-1]
        assert last is not None
        return last


@pytest.fixture
def story() -> Story:
    return Story()


def month_of(story: Story) -> Month:
    """The month of the last decision."""
    month = Month.of_identifier(story.answer.decision_id)
    assert month is not None
    return month


def dollars(text: str) -> float:
    return float(text.replace(",", ""))


@given("the lender's first policy is in force")
def _(lender: Lender) -> None:
    assert lender.use_cases.read_policy_in_force() is POLICY_1


@given(
    parsers.re(
        r"(?P<name>\w+) earns \$(?P<income>[\d,]+) a year and asks for \$(?P<amount>[\d,]+) over (?P<term>.+)"
    )
)
def _(story: Story, name: str, income: str, amount: str, term: str) -> None:
    story.borrower = name
    story.forms[name] = {
        "annual_inc": dollars(income),
        "emp_length": "5 years",
        "home_ownership": "MORTGAGE",
        "loan_amnt": dollars(amount),
        "term": term,
        "purpose": "debt_consolidation",
        "fico_range_low": 700,
        "fico_range_high": 704,
        "dti": 15.5,
        "revol_util": 25.0,
        "inq_last_6mths": 2,
        "delinq_2yrs": 0,
        "pub_rec": 0,
    }


@given(parsers.re(r"(her|his) credit bureau score is (?P<low>\d+) to (?P<high>\d+)"))
def _(story: Story, low: str, high: str) -> None:
    story.form.update(fico_range_low=int(low), fico_range_high=int(high))


@given(parsers.re(r"s?he had (?P<count>\d+) credit inquiries in the last six months"))
def _(story: Story, count: str) -> None:
    story.form["inq_last_6mths"] = int(count)


@given(parsers.re(r"s?he uses (?P<percent>\d+) % of (her|his) revolving credit"))
def _(story: Story, percent: str) -> None:
    story.form["revol_util"] = float(percent)


@given(parsers.re(r"(her|his) debts take (?P<percent>\d+) % of (her|his) income"))
def _(story: Story, percent: str) -> None:
    story.form["dti"] = float(percent)


@given(parsers.re(r"s?he has (?P<count>\d+) public records"))
def _(story: Story, count: str) -> None:
    story.form["pub_rec"] = int(count)


@given(parsers.re(r'(?P<name>\w+) is an? (?P<role>loan officer|admin) with the password "(?P<password>.+)"'))
def _(lender: Lender, story: Story, name: str, role: str, password: str) -> None:
    story.borrower = name
    lender.hire(name, Role(role), password)


@when(parsers.re(r"(?P<name>\w+) applies( again)?"))
def _(lender: Lender, story: Story, name: str) -> None:
    if name[0].isupper():
        story.borrower = name
    story.answers.append(lender.apply(story.form))


@when(parsers.re(r'she applies (again )?under the key "(?P<key>.+)"'))
def _(lender: Lender, story: Story, key: str) -> None:
    story.answers.append(lender.apply_once(story.form, key))


@when(parsers.re(r'she asks for \$(?P<amount>[\d,]+) instead, under the key "(?P<key>.+)"'))
def _(lender: Lender, story: Story, amount: str, key: str) -> None:
    story.form["loan_amnt"] = dollars(amount)
    story.answers.append(lender.apply_once(story.form, key))


@when(parsers.parse('the broker {name} applies for her under the key "{key}"'))
def _(lender: Lender, story: Story, name: str, key: str) -> None:
    story.answers.append(lender.apply_once(story.form, key, by=Actor(name, Role.SERVICE)))


@given(parsers.re(r"she applies (?P<times>\d+) times"))
@when(parsers.re(r"she applies (?P<times>\d+) times"))
def _(lender: Lender, story: Story, times: str) -> None:
    story.answers.extend(lender.apply(story.form) for _ in range(int(times)))


@when("she applies for the recommended amount")
def _(lender: Lender, story: Story) -> None:
    story.form["loan_amnt"] = story.answer.recommended
    story.answers.append(lender.apply(story.form))


@when(parsers.re(r"her credit bureau score becomes (?P<low>\d+) to (?P<high>\d+) and she applies again"))
def _(lender: Lender, story: Story, low: str, high: str) -> None:
    story.form.update(fico_range_low=int(low), fico_range_high=int(high))
    story.answers.append(lender.apply(story.form))


@when(parsers.parse("the {role} enters her application"))
def _(lender: Lender, story: Story, role: str) -> None:
    story.answers.append(lender.apply(story.form, by=Actor("somebody", Role(role))))


@when(parsers.parse('she is given the new password "{password}"'))
def _(lender: Lender, story: Story, password: str) -> None:
    lender.give_password(story.borrower, password)


@when(parsers.parse("she is made an {role}"))
def _(lender: Lender, story: Story, role: str) -> None:
    assert lender.change_role(story.borrower, Role(role))


@when(parsers.parse("the administrator {administrator} makes her a {role}"))
def _(lender: Lender, story: Story, administrator: str, role: str) -> None:
    assert lender.change_role(story.borrower, Role(role), by=administrator)


@given(parsers.re(r'(?P<name>\w+) is a new loan officer whose first password is "(?P<password>.+)"'))
def _(lender: Lender, story: Story, name: str, password: str) -> None:
    story.borrower = name
    lender.hire_with_password_for_once(name, password)


@when(parsers.parse('she chooses "{new}" in place of "{current}"'))
def _(lender: Lender, story: Story, current: str, new: str) -> None:
    story.chosen = lender.chooses_password(story.borrower, current, new)


@then("she is let in with the right password")
def _(lender: Lender, story: Story) -> None:
    assert lender.lets_in(story.borrower, RIGHT)


@then("her choice is accepted")
def _(story: Story) -> None:
    assert story.chosen


@then("her choice is refused")
def _(story: Story) -> None:
    assert not story.chosen


@then("she must log in again")
def _(lender: Lender, story: Story) -> None:
    assert not lender.still_admits(story.borrower)


@when("she leaves the lender")
def _(lender: Lender, story: Story) -> None:
    assert lender.dismiss(story.borrower)


@then("she can be neither removed nor made a loan officer")
def _(lender: Lender, story: Story) -> None:
    assert not lender.dismiss(story.borrower)
    assert not lender.change_role(story.borrower, Role.LOAN_OFFICER)


@when(parsers.parse('she logs in with the password "{password}"'))
def _(lender: Lender, story: Story, password: str) -> None:
    story.let_in = lender.lets_in(story.borrower, password)


@when(parsers.re(r"she mistypes her password( another)? (?P<times>\d+) times"))
def _(lender: Lender, story: Story, times: str) -> None:
    for _ in range(int(times)):
        assert not lender.lets_in(story.borrower, "a typing mistake")


@when(parsers.parse("strangers in {places:d} places guess her password"))
def _(lender: Lender, story: Story, places: int) -> None:
    for place in range(places):
        assert not lender.lets_in(story.borrower, "guessed", f"198.51.100.{place}")


@when(parsers.parse("somebody in one place guesses at the passwords of {people:d} people"))
def _(lender: Lender, people: int) -> None:
    for number in range(people):
        assert not lender.lets_in(f"somebody {number}", "guessed", STRANGE_PLACE)


@when("she logs in with the right password")
@given("she has logged in at the office before")
def _(lender: Lender, story: Story) -> None:
    story.let_in = lender.lets_in(story.borrower, RIGHT)
    assert story.let_in


@when("she tries the right password")
@when("she tries the right password at the office")
def _(lender: Lender, story: Story) -> None:
    story.let_in = lender.lets_in(story.borrower, RIGHT)


@when("she tries the right password where she has never been")
@when("she tries the right password in that place")
def _(lender: Lender, story: Story) -> None:
    story.let_in = lender.lets_in(story.borrower, RIGHT, STRANGE_PLACE)


@when(parsers.parse("{minutes:d} minutes pass"))
def _(lender: Lender, minutes: int) -> None:
    lender.let_pass(timedelta(minutes=minutes))


@then(parsers.re(r"the loan is (?P<outcome>approved|referred|declined)( to an underwriter)?"))
def _(story: Story, outcome: str) -> None:
    assert story.answer.outcome == outcome


@then("a default is predicted")
def _(story: Story) -> None:
    assert story.answer.default_predicted
    assert story.answer.pd >= POLICY_1.decline_from


@then(parsers.re(r"\$(?P<amount>[\d,]+) is recommended"))
def _(story: Story, amount: str) -> None:
    assert story.answer.recommended == dollars(amount)


@then("a smaller amount is recommended")
def _(story: Story) -> None:
    assert 0 < story.answer.recommended < story.form["loan_amnt"]


@then("no reasons need to be stated")
def _(story: Story) -> None:
    assert story.answer.reasons == ()


@then(parsers.parse("between {fewest:d} and {most:d} reasons are stated"))
def _(story: Story, fewest: int, most: int) -> None:
    assert fewest <= len(story.answer.reasons) <= most


@then(parsers.parse('one of the reasons is "{text}"'))
def _(story: Story, text: str) -> None:
    assert text in story.answer.reasons


@then(parsers.parse('the only reason is "{text}"'))
def _(story: Story, text: str) -> None:
    assert story.answer.reasons == (text,)


@then(parsers.parse("the confidence is {confidence}"))
def _(story: Story, confidence: str) -> None:
    assert story.answer.confidence == confidence


@then("the answer says that his income is outside what the model knows")
def _(story: Story) -> None:
    assert story.answer.out_of_domain == ("annual_inc",)


@then("the second probability of default is not above the first")
def _(story: Story) -> None:
    first, second = story.answers
    assert first is not None
    assert second is not None
    assert second.pd <= first.pd


@then("the decision is on record under its number")
def _(lender: Lender, story: Story) -> None:
    assert lender.look_up(story.answer.decision_id).answer.decision_id == story.answer.decision_id


@then("what is on record is what was answered")
def _(lender: Lender, story: Story) -> None:
    assert lender.look_up(story.answer.decision_id).answer == story.answer


@then("the record names who asked, the model and the policy")
def _(lender: Lender, story: Story) -> None:
    found = lender.look_up(story.answer.decision_id)
    assert found.requested_by == OFFICER.name
    assert re.fullmatch(r"\d+\.\d+\.\d+", found.answer.model)
    assert found.answer.policy == POLICY_1.version


@given("the service makes a checkpoint")
def _(lender: Lender) -> None:
    lender.create_checkpoint()


@given("the auditor keeps a copy of the checkpoint elsewhere")
def _(lender: Lender) -> None:
    lender.keep_checkpoint()


@when("somebody removes the checkpoint too")
def _(lender: Lender) -> None:
    lender.remove_checkpoints(1)


@when(parsers.re(r"somebody changes the amount recommended in the (?P<place>\d+)(st|rd) decision"))
def _(lender: Lender, story: Story, place: str) -> None:
    answer = story.answers[int(place) - 1]
    assert answer is not None
    lender.decisions.tamper(answer.decision_id)


@when(parsers.re(r"somebody removes the last (?P<count>\d+) decisions and their entries"))
def _(lender: Lender, count: str) -> None:
    lender.decisions.remove_last(int(count))


@when("the decisions of this month are archived elsewhere")
def _(lender: Lender) -> None:
    lender.decisions.remove(range(1, 6))


@when(parsers.re(r"somebody removes the (?P<place>\d+)rd decision, but not its entry"))
def _(lender: Lender, place: str) -> None:
    lender.decisions.remove((int(place),))


@when("somebody slips in a decision that was never made")
def _(lender: Lender, story: Story) -> None:
    lender.decisions.slip_in(story.answer.decision_id)


@when("signs a checkpoint of their own in place of the service's")
def _(lender: Lender) -> None:
    lender.forge_checkpoint()


@when("the lender puts a stricter model in force")
def _(lender: Lender) -> None:
    lender.put_in_force(another_model(), POLICY_1)


@when("the lender puts a stricter policy in force")
def _(lender: Lender) -> None:
    lender.put_in_force(CHAMPION, replace(POLICY_1, version="2", decline_from=0.15))


@when("the model of its day is lost")
def _(lender: Lender) -> None:
    lender.bundles._bundles.clear()


@then("the auditor reproduces the decision to the last bit")
@then("the auditor reproduces both decisions to the last bit")
def _(lender: Lender, story: Story) -> None:
    for answer in story.answers:
        assert answer is not None
        assert lender.differing(answer.decision_id) == []


@then("the second answer has a higher probability of default than the first")
def _(story: Story) -> None:
    first, second = story.answers
    assert first is not None
    assert second is not None
    assert second.pd > first.pd


@then("reproducing the decision shows that the recommended amount differs")
def _(lender: Lender, story: Story) -> None:
    assert lender.differing(story.answer.decision_id) == ["decision.recommended_amount.cents"]


@then("the auditor is told that the decision cannot be reproduced without its model")
def _(lender: Lender, story: Story) -> None:
    assert lender.differing(story.answer.decision_id) is None


@then("both answers have the same probability of default, to the last bit")
def _(story: Story) -> None:
    first, second = story.answers
    assert first is not None
    assert second is not None
    assert first.pd.hex() == second.pd.hex()


@then(parsers.re(r"there (is|are) (?P<count>one|two) decisions? on record"))
def _(lender: Lender, count: str) -> None:
    assert len({found.answer.decision_id for found in lender.search()}) == {"one": 1, "two": 2}[count]


@then("both answers are the same decision")
def _(story: Story) -> None:
    first, second = story.answers
    assert first is not None
    assert second is not None
    assert replace(first, again=False) == replace(second, again=False)


@then("the second answer says that it was given before")
def _(story: Story) -> None:
    assert [answer and answer.again for answer in story.answers] == [False, True]


@then(parsers.parse("the auditor finds {count:d} entries in the audit trail and nothing broken"))
def _(lender: Lender, count: int) -> None:
    verification = lender.verify()
    assert verification.entries == count
    assert verification.violations == ()


@then(parsers.parse("the auditor sees that {administrator} made {name} a {role}, and finds nothing broken"))
def _(lender: Lender, administrator: str, name: str, role: str) -> None:
    assert lender.roles_given() == [(administrator, name, role)]
    assert lender.verify().violations == ()


@then(parsers.parse("the auditor finds {count:d} checkpoint, signed by the service"))
def _(lender: Lender, count: int) -> None:
    verification = lender.verify()
    assert verification.checkpoints == count
    assert verification.key == lender.signer.public_key.hex()


@then(parsers.parse("the auditor is told that the record of entry {place:d} was changed"))
def _(lender: Lender, place: int) -> None:
    (found,) = lender.verify().violations
    assert (found.sequence, found.why) == (place, "the record it vouches for was changed")


@then(
    parsers.parse(
        "the auditor who knows finds {entries:d} entries, nothing broken, and {elsewhere:d} records elsewhere"
    )
)
def _(lender: Lender, story: Story, entries: int, elsewhere: int) -> None:
    found = lender.verify(archived=[month_of(story)])
    assert (found.entries, found.violations, found.archived) == (entries, (), elsewhere)


@then(parsers.parse("the auditor who does not is told of {count:d} records that are missing"))
def _(lender: Lender, count: int) -> None:
    assert [found.why for found in lender.verify().violations] == ["the record it vouches for is missing"] * count


@then(
    parsers.parse(
        "the auditor who knows of last month's archive is told that the record of entry {place:d} is missing"
    )
)
def _(lender: Lender, story: Story, place: int) -> None:
    (found,) = lender.verify(archived=[month_of(story).later(-1)]).violations
    assert (found.sequence, found.why) == (place, "the record it vouches for is missing")


@then(parsers.parse("the auditor is told that the trail is broken from entry {place:d} on"))
def _(lender: Lender, place: int) -> None:
    (found,) = lender.verify().violations
    assert (found.sequence, found.checkpoint) == (place, 1)
    assert "cannot be found" in found.why


@then("the auditor is told of a decision that no entry vouches for")
def _(lender: Lender) -> None:
    (found,) = lender.verify().violations
    assert found.place.startswith("decision ")
    assert "no entry vouches for it" in found.why


@when("somebody changes the stored text of the policy that decided")
def _(lender: Lender) -> None:
    lender.change_stored_policy()


@when("somebody removes the stored policy that decided")
def _(lender: Lender) -> None:
    lender.remove_stored_policy()


@then("the auditor is told that the policy's document was changed")
def _(lender: Lender) -> None:
    (found,) = lender.verify().violations
    assert found.place == f"policy {POLICY_1.fingerprint}"
    assert "was changed" in found.why


@then("the auditor is told that decisions name a policy that is not stored")
def _(lender: Lender) -> None:
    (found,) = lender.verify().violations
    assert f"it names policy {POLICY_1.fingerprint}, which is not stored; 4 more name it too" in found.why


@then("the auditor without the copy finds nothing broken")
def _(lender: Lender) -> None:
    assert lender.verify().violations == ()


@then("the auditor with the copy is told that the checkpoint is missing")
def _(lender: Lender) -> None:
    (found,) = lender.verify_with_copy().violations
    assert found.place == "checkpoint 1"
    assert "kept elsewhere but is missing here" in found.why


@then("the auditor with the copy finds nothing broken")
def _(lender: Lender) -> None:
    assert lender.verify_with_copy().violations == ()


@then("the auditor without the copy is told that there is nothing to verify")
def _(lender: Lender) -> None:
    assert lender.verify().empty


@then("the auditor is told that the checkpoint is not the service's")
def _(lender: Lender) -> None:
    (found,) = lender.verify().violations
    assert found.place == "checkpoint 1"
    assert "a key that is not trusted" in found.why


@then(parsers.re(r"a search for (?P<outcome>\w+) applications finds (?P<count>\d+) decisions?"))
def _(lender: Lender, outcome: str, count: str) -> None:
    found = lender.search(outcome)
    assert [each.answer.outcome for each in found] == [outcome] * int(count)


@then(parsers.re(r"that is (?P<allowed>allowed|refused)"))
def _(story: Story, allowed: str) -> None:
    assert (story.answers[-1] is not None) == (allowed == "allowed")


@then(parsers.parse("the broker {name} can look the decision up, and finds {count:d} decision in all"))
def _(lender: Lender, story: Story, name: str, count: int) -> None:
    broker = Actor(name, Role.SERVICE)
    assert lender.may_look_up(story.answer.decision_id, by=broker) == "allowed"
    assert lender.count_decisions(by=broker) == count


@then(parsers.parse("for the broker {name} there is no such decision, and {count:d} decisions in all"))
def _(lender: Lender, story: Story, name: str, count: int) -> None:
    broker = Actor(name, Role.SERVICE)
    assert lender.may_look_up(story.answer.decision_id, by=broker) == "absent"
    assert lender.count_decisions(by=broker) == count


@then(parsers.re(r"looking the decision up is (?P<allowed>\w+) for the (?P<role>.+)"))
def _(lender: Lender, story: Story, allowed: str, role: str) -> None:
    assert lender.may_look_up(story.answer.decision_id, by=Actor("somebody", Role(role))) == allowed


@then(parsers.re(r"explaining the decision is refused for the broker (?P<name>\w+)"))
def _(lender: Lender, story: Story, name: str) -> None:
    assert lender.may_explain(story.answer.decision_id, by=Actor(name, Role.SERVICE)) == "refused"


@then(parsers.re(r"explaining the decision is (?P<allowed>\w+) for the (?P<role>(?!broker).+)"))
def _(lender: Lender, story: Story, allowed: str, role: str) -> None:
    assert lender.may_explain(story.answer.decision_id, by=Actor("somebody", Role(role))) == allowed


@then(parsers.re(r"verifying the audit trail is (?P<allowed>\w+) for the (?P<role>.+)"))
def _(lender: Lender, allowed: str, role: str) -> None:
    assert lender.may_verify(by=Actor("somebody", Role(role))) == allowed


@then("she is let in")
def _(story: Story) -> None:
    assert story.let_in


@then("she is turned away")
def _(story: Story) -> None:
    assert not story.let_in
