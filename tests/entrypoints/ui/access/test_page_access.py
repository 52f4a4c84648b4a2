"""Access to every page by every role: to its own resources, those of others, and absent ones.

A page that is missing in `RULES` fails the test by name: declare here who may open a new page.
"""

from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from nicegui import app
from ui_lender import PEOPLE, UiLender
from ui_person import Person

from application.ports.batches.batch_content import BatchContent
from domain.access.user import Actor, Role
from domain.batches.batch import Batch
from support.batches import SOME_LOANS, pieces
from support.builders import A_MOMENT, an_event

UNDERWRITERS = {"uma", "udo", "sara"}
READERS = {"marta", "olga", "rui", "cora", "arthur", *UNDERWRITERS}
"""Two loan officers, a risk manager, compliance, an auditor and three underwriters, who read all decisions."""
VERIFIERS = {"cora", "arthur"}

CORA = Actor("cora", Role.COMPLIANCE)


class Rule(NamedTuple):
    """The users who may open a page. `owned`: the resource has an owner, and a service may open only its own."""

    users: set[str]
    owned: bool = False
    refused: int = 403


RULES = {
    "/": Rule({"marta", "olga", "portal", *UNDERWRITERS}, refused=303),
    "/overview": Rule(READERS),
    "/overrides": Rule({"rui", "sara", *VERIFIERS}),
    "/outcomes": Rule({"rui", "sara", *VERIFIERS}),
    "/outcomes/vintages.csv": Rule({"rui", "sara", *VERIFIERS}),
    "/outcomes/imports/{import_id}": Rule({"rui", "portal"}, owned=True),
    "/outcomes/imports/{import_id}/errors.csv": Rule({"rui", "portal"}, owned=True),
    "/decisions": Rule({*READERS, "portal"}),
    "/decisions/{decision_id}": Rule({*READERS, "portal"}, owned=True),
    "/decisions/{decision_id}/evidence.zip": Rule({"rui", *VERIFIERS}, owned=True),
    "/evidence.zip": Rule({"rui", *VERIFIERS}),
    "/applications": Rule({*READERS, "portal"}),
    "/applications/{application_id}": Rule({*READERS, "portal"}, owned=True),
    "/cases": Rule(READERS),
    "/cases/{case_id}": Rule(READERS, owned=True),
    "/notices": Rule({*READERS, "portal"}),
    "/notices/{notice_id}": Rule({*READERS, "portal"}, owned=True),
    "/notices/{notice_id}/letter.pdf": Rule({*READERS, "portal"}, owned=True),
    "/batches": Rule({*READERS, "portal"}),
    "/batches/{batch_id}": Rule({*READERS, "portal"}, owned=True),
    "/batches/{batch_id}/{output}.csv": Rule({*READERS, "portal"}, owned=True),
    "/audit": Rule(VERIFIERS),
    "/users": Rule({"admin"}),
    "/user": Rule({"admin"}),
    "/sessions": Rule(set(PEOPLE)),
    "/audit/verifications/{verification_id}": Rule(VERIFIERS, owned=True),
    "/audit/verifications/{verification_id}/report.json": Rule(VERIFIERS, owned=True),
}
PUBLIC = {"/login", "/logout", "/account", "/applicant/{token}"}
"""Pages without a permission check."""
OUTSIDE_NAVIGATION = {"/user", "/sessions", "/outcomes/vintages.csv"}


async def test_every_page_has_an_access_rule(person: Person):
    served = {route.path for route in app.routes}
    pages = {path for path in served if not path.startswith(("/_nicegui", "/assets", "/auto_index"))}
    assert pages - RULES.keys() - PUBLIC - {"", "/favicon.ico"} == set(), "declare these pages in RULES"
    assert RULES.keys() <= pages


async def a_notice(lender: UiLender, owner: str, *, issued: bool) -> UUID:
    """A notice on a decline that the user requested."""
    await lender.archive_versions()
    declined = await lender.assess(by=Actor(owner, Role.SERVICE), annual_inc="9,000", purpose="moving")
    if issued:
        await lender.use_cases.notices.issue(declined.decision_id, by=CORA, seen=0)
    return declined.decision_id


async def address_of(path: str, lender: UiLender, owner: str | None) -> str:
    """The address of a page about a resource of the user; about an absent resource for None."""
    decision_id = batch_id = uuid4()
    if owner is not None and ("decision_id" in path or "application_id" in path or path == "/evidence.zip"):
        record = await lender.assess(by=Actor(owner, Role.SERVICE))
        decision_id = record.decision_id
    if owner is not None and "case_id" in path:
        referred = await lender.assess(by=Actor(owner, Role.SERVICE), dti="30", inq_last_6mths="4")
        decision_id = referred.decision_id
    if owner is not None and "batch_id" in path:
        batch = Batch(batch_id, "loans.csv", A_MOMENT, Actor(owner, Role.SERVICE))
        await lender.batches.accept(batch, BatchContent(pieces(SOME_LOANS)))
        await lender.batches.cancel(batch_id, an_event())
    notice_id = uuid4()
    if owner is not None and "notice_id" in path:
        notice_id = await a_notice(lender, owner, issued="letter" in path)
    import_id = uuid4()
    if owner is not None and "import_id" in path:
        submit, by = lender.use_cases.outcomes.submit_import, Actor(owner, Role.SERVICE)
        import_id = (await submit(pieces(SOME_LOANS), name="outcomes.csv", by=by)).wanted.import_id
    verification_id = uuid4()
    if owner is not None and "verification_id" in path:
        await lender.use_cases.verify_audit_trail(by=Actor(owner, Role.AUDITOR))
        verification_id = max(event.event_id for event in lender.decisions.events())
    path = f"{path}?name=marta" if path == "/user" else path
    return path.format(
        decision_id=decision_id,
        application_id=decision_id,
        case_id=decision_id,
        batch_id=batch_id,
        output="results",
        notice_id=notice_id,
        import_id=import_id,
        verification_id=verification_id,
    )


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("path", RULES)
async def test_a_page_opens_only_for_permitted_users(person: Person, lender: UiLender, path: str, name: str):
    await person.log_in(name)
    rule = RULES[path]
    for owner in (name, "another user", None) if rule.owned else (name,):
        if name not in rule.users:
            expected = rule.refused
        elif owner is None or (owner != name and name not in READERS):
            expected = 404
        else:
            expected = 200
        answer = await person.browser.get(await address_of(path, lender, owner), follow_redirects=False)
        assert answer.status_code == expected, (owner, answer.text)


@pytest.mark.parametrize("name", PEOPLE)
async def test_the_navigation_lists_only_permitted_pages(person: Person, name: str):
    await person.log_in(name)
    answer = await person.browser.get("/decisions")
    for path, rule in RULES.items():
        if "{" not in path and path not in {"/", "/evidence.zip", *OUTSIDE_NAVIGATION}:
            assert (f'"href":"{path}"' in answer.text) == (name in rule.users), path


async def test_an_admin_starts_at_the_users(person: Person):
    assert (await person.log_in("admin")).headers["location"] == "/users"
    assert (await person.browser.get("/", follow_redirects=False)).headers["location"] == "/users"


async def test_a_service_does_not_see_explanations_of_its_decision(person: Person, lender: UiLender):
    record = await lender.assess(by=Actor("portal", Role.SERVICE), revol_util="82", fico_range_low="665")
    explained = {"Score contributions", "What would lead to approval"}
    for name, shown in (("portal", set()), ("marta", explained)):
        await person.log_in(name)
        await person.open(f"/decisions/{record.decision_id}")
        assert explained & set(person.texts()) == shown
        answer = await person.browser.get(f"/decisions/{record.decision_id}")
        assert ("Reproduce" in answer.text) == (name == "marta")
