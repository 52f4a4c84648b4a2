"""The API of notices: what it lists, refuses and sends."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.access.user import ASSIGNABLE_ROLES, Actor, Role, User
from domain.notices.letterhead import Letterhead
from domain.policies.version_3 import POLICY_3
from support.memory.letters import PlainLetters
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

DECLINED = {"revol_util": 82.0, "fico_range_low": 665}
PATH = "/api/v1/notices"


@pytest.fixture(autouse=True)
def archived(service):
    """The model and policy that decide, in the archive; a user of each role's own, and letters without layout."""
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_3))
    for role in ASSIGNABLE_ROLES:
        service.users._users[role.value] = User(role.value, role, "")
    draft = service.made.notices.issue.draft
    object.__setattr__(draft, "letters", PlainLetters())


@pytest.fixture
def call(service):
    """Calls the API as a role."""

    def call(method, path, *, role=Role.COMPLIANCE, **request):
        token = service.tokens.issue(Actor(role.value, role)).token
        headers = {"Authorization": f"Bearer {token}", **request.pop("headers", {})}
        return service.client.request(method, path, headers=headers, **request)

    return call


@pytest.fixture
def declined(service):
    """A decline, whose notice has its identifier."""
    return service.ask(**DECLINED).json()["request_id"]


def test_a_notice_is_listed_read_previewed_issued_and_delivered(call, declined):
    (listed,) = call("GET", PATH).json()["notices"]
    assert (listed["notice_id"], listed["state"], listed["overdue"]) == (declined, "due", False)
    preview = call("GET", f"{PATH}/{declined}/preview", params={"format": "html"})
    assert (preview.status_code, preview.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert preview.headers["content-disposition"] == f'inline; filename="preview-{declined}.html"'
    body = {"addressee": {"name": "Maria Alvarez", "address": ["12 Elm Street"]}}
    headers = {"If-Match": listed["etag"], "Idempotency-Key": "once"}
    issued = call("POST", f"{PATH}/{declined}/issue", json=body, headers=headers)
    assert (issued.status_code, issued.json()["state"], issued.headers["etag"]) == (200, "issued", '"1"')
    again = call("POST", f"{PATH}/{declined}/issue", json=body, headers=headers)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    letter = call("GET", f"{PATH}/{declined}/letter", role=Role.AUDITOR)
    assert (letter.status_code, letter.headers["content-type"]) == (200, "application/pdf")
    assert "sandbox" in letter.headers["content-security-policy"]
    assert letter.headers["cache-control"] == "no-store"
    assert b"Maria Alvarez" in letter.content
    today = datetime.now(UTC).date().isoformat()
    sent = call(
        "POST",
        f"{PATH}/{declined}/delivery",
        json={"method": "mail", "on": today, "text": "Certified"},
        headers={"If-Match": '"1"'},
    )
    assert (sent.status_code, sent.json()["delivered_on"]) == (200, today)
    read = call("GET", f"{PATH}/{declined}")
    assert [each["action"] for each in read.json()["actions"]] == ["notice issued", "notice delivered"]
    assert read.json()["actions"][1]["details"] == {"method": "mail", "on": today, "text": "Certified"}
    assert read.headers["etag"] == '"2"'


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "due"}, 1),
        ({"state": "issued"}, 0),
        ({"kind": "adverse_action"}, 1),
        ({"kind": "incomplete"}, 0),
        ({"overdue": "true"}, 0),
        ({"due_before": "2000-01-01"}, 0),
        ({"requested_by": "nobody"}, 0),
    ],
)
def test_lists_are_filtered(call, declined, query, found):
    page = call("GET", PATH, params=query).json()
    assert (len(page["notices"]), page["total"], page["next_cursor"]) == (found, found, None)


def test_pages_link_to_the_next(call, service, declined):
    service.ask(**DECLINED)
    page = call("GET", PATH, params={"limit": 1})
    assert page.json()["total"] == 2
    assert 'rel="next"' in page.headers["link"]
    following = call("GET", PATH, params={"limit": 1, "cursor": page.json()["next_cursor"]}).json()
    assert following["notices"][0]["notice_id"] != page.json()["notices"][0]["notice_id"]


@pytest.mark.parametrize(
    "query", [{"state": "sent"}, {"kind": "letter"}, {"overdue": "maybe"}, {"who": "me"}, {"decision_id": "7"}]
)
def test_wrong_filters_are_named(call, problem, query):
    refused = problem(call("GET", PATH, params=query), 400)
    assert refused["type"].endswith("invalid-query")
    assert next(iter(query)) in str(refused["errors"])


def test_changes_need_the_present_version(call, problem, declined):
    for what, body in (("issue", {}), ("delivery", {"method": "mail", "on": "2026-11-29"})):
        path = f"{PATH}/{declined}/{what}"
        assert problem(call("POST", path, json=body), 428)["detail"].startswith("Read the notice first")
        for tag in ('"7"', "7", '"x"', "*"):
            refused = problem(call("POST", path, json=body, headers={"If-Match": tag}), 412)
            assert refused["type"].endswith("notice-changed")


def test_what_is_wrong_with_a_body_is_named(call, problem, declined):
    seen = {"headers": {"If-Match": '"0"'}}
    path = f"{PATH}/{declined}"
    long, hidden = {"name": "x" * 201}, {"name": "a\u202eb"}
    for body in ({"addressee": long}, {"addressee": hidden}, {"addressee": {}}, {"to": "Maria"}):
        refused = problem(call("POST", f"{path}/issue", json=body, **seen), 422)
        assert refused["errors"][0]["field"] in {"addressee", "to"}
    assert call("POST", f"{path}/issue", json={}, **seen).status_code == 200
    seen = {"headers": {"If-Match": '"1"'}}
    for body, field in (
        ({"method": "pigeon", "on": "2026-11-29"}, "method"),
        ({"method": "mail", "on": "29.11.2026"}, "on"),
        ({"method": "mail", "on": "1999-01-01"}, "on"),
        ({"method": "mail", "on": datetime.now(UTC).date().isoformat(), "text": "\u202e"}, "text"),
        ({"on": "2026-11-29"}, "method"),
    ):
        refused = problem(call("POST", f"{path}/delivery", json=body, **seen), 422)
        assert refused["errors"][0]["field"] == field


def test_everything_that_a_letter_lacks_is_named(call, problem, service, declined):
    draft = service.made.notices.issue.draft
    settings = replace(draft.make_content.settings, letterhead=Letterhead())
    object.__setattr__(draft, "make_content", replace(draft.make_content, settings=settings))
    for method, path, more in (
        ("GET", "preview", {}),
        ("POST", "issue", {"json": {}, "headers": {"If-Match": '"0"'}}),
    ):
        refused = problem(call(method, f"{PATH}/{declined}/{path}", **more), 409)
        assert refused["type"].endswith("notice-incomplete")
        assert len(refused["errors"]) >= 5
        assert "the address of the lender, a setting of the service" in str(refused["errors"])


def test_a_notice_that_is_absent_or_has_no_letter(call, problem, declined):
    refused = problem(call("GET", f"{PATH}/seven"), 404)
    assert (refused["title"], "an identifier is a UUID" in refused["detail"]) == ("Notice not found", True)
    refused = problem(call("GET", f"{PATH}/{declined}/letter"), 409)
    assert (refused["type"].rpartition(":")[2], refused["detail"]) == (
        "notice-rule",
        "This notice is due: it has no letter.",
    )
