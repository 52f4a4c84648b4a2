"""Referral cases through the API: preconditions, problems, filters and repeated requests."""

from typing import Any

import httpx
import pytest

from domain.access.user import Actor, Role, User
from support.cases import SARA, UDO, UMA

REFERRED = {"revol_util": 82.0}
OLGA = Actor("olga", Role.LOAN_OFFICER)


class Desk:
    """The cases of a service, as people with access tokens use them."""

    def __init__(self, service: Any) -> None:
        self.service = service
        for each in (UMA, UDO, SARA, OLGA):
            service.users._users[each.name] = User(each.name, each.role, "")

    def refer(self, **changed: Any) -> str:
        answer = self.service.ask(**REFERRED, **changed).json()
        assert answer["prediction"]["outcome"] == "referred"
        return str(answer["request_id"])

    def headers(self, by: Actor, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.service.tokens.issue(by).token}", **more}

    def get(self, path: str = "", by: Actor = UMA, **query: Any) -> httpx.Response:
        return self.service.client.get(f"/api/v1/cases{path}", params=query, headers=self.headers(by))

    def post(self, path: str, by: Actor = UMA, json: Any = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.service.client.post(f"/api/v1/cases{path}", json=json, headers=self.headers(by, **named))


@pytest.fixture
def desk(service: Any) -> Desk:
    return Desk(service)


def kind_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].rpartition(":")[2]


def test_a_change_needs_the_version_that_was_read(desk: Desk) -> None:
    case = desk.refer()
    assert kind_of(desk.post(f"/{case}/claim")) == (428, "precondition-required")
    for tag in ("0", "*", 'W/"0"', '"-1"', '"1e9"', '"0", "1"'):
        assert kind_of(desk.post(f"/{case}/claim", If_Match=tag)) == (412, "case-changed"), tag
    claimed = desk.post(f"/{case}/claim", If_Match='"0"')
    assert (claimed.status_code, claimed.headers["ETag"]) == (200, '"1"')
    stale = desk.post(f"/{case}/notes", json={"text": "Called."}, If_Match='"0"')
    assert kind_of(stale) == (412, "case-changed")
    assert "uma changed it at" in stale.json()["detail"]
    assert desk.get(f"/{case}").headers["ETag"] == '"1"'


def test_a_refusal_names_the_rule(desk: Desk) -> None:
    case = desk.refer()
    note = {"text": "Called."}
    assert kind_of(desk.post(f"/{case}/notes", json=note, If_Match='"0"')) == (409, "case-not-claimed")
    desk.post(f"/{case}/claim", If_Match='"0"')
    held = desk.post(f"/{case}/claim", by=UDO, If_Match='"1"')
    assert kind_of(held) == (409, "case-held")
    assert "uma has held this case since" in held.json()["detail"]
    assert kind_of(desk.post(f"/{case}/lease", by=UDO)) == (409, "case-held")
    answer = desk.post(f"/{case}/information-requests/answer", json=note, If_Match='"1"')
    assert kind_of(answer) == (409, "case-rule")
    assert "This case is assigned; it must be awaiting the applicant" in answer.json()["detail"]
    given = desk.post(f"/{case}/reassignment", by=SARA, json={"to": "olga"}, If_Match='"1"')
    assert kind_of(given) == (422, "unsuitable-assignee")
    assert kind_of(desk.post(f"/{case}/reassignment", by=SARA, json={"to": "x"}, If_Match='"1"')) == (
        404,
        "no-such-user",
    )
    assert kind_of(desk.post(f"/{case}/claim", by=OLGA)) == (403, "not-permitted")


def test_a_case_that_does_not_exist_is_not_found(desk: Desk) -> None:
    for path in ("/01a20934-a7ba-7f69-ba54-405ad833ce18", "/no-uuid"):
        assert kind_of(desk.get(path)) == (404, "no-such-case")
    absent = "/01a20934-a7ba-7f69-ba54-405ad833ce18"
    assert kind_of(desk.post(f"{absent}/claim", If_Match='"0"')) == (404, "no-such-case")
    assert kind_of(desk.post(f"{absent}/lease")) == (404, "no-such-case")


@pytest.mark.parametrize(
    "body",
    [{}, {"text": ""}, {"text": " \n "}, {"text": "x" * 4001}, {"text": 7}, {"note": "x"}, {"text": "\u0007"}],
)
def test_a_note_that_cannot_be_stored_is_named(desk: Desk, body: dict[str, Any]) -> None:
    case = desk.refer()
    desk.post(f"/{case}/claim", If_Match='"0"')
    refused = desk.post(f"/{case}/notes", json=body, If_Match='"1"')
    assert kind_of(refused) == (422, "invalid-body")
    assert {error["field"] for error in refused.json()["errors"]} <= {"text", "note"}
    assert desk.get(f"/{case}").json()["case"]["version"] == 1


def test_a_repeated_request_is_done_once(desk: Desk) -> None:
    case = desk.refer()
    first = desk.post("/next", Idempotency_Key="a")
    again = desk.post("/next", Idempotency_Key="a")
    assert (first.json(), "idempotent-replayed" in first.headers) == (again.json(), False)
    assert again.headers["Idempotent-Replayed"] == "true"
    note = {"text": "Called."}
    noted = desk.post(f"/{case}/notes", json=note, If_Match='"1"', Idempotency_Key="b")
    again = desk.post(f"/{case}/notes", json=note, If_Match='"1"', Idempotency_Key="b")
    assert (noted.status_code, again.status_code, again.json()["version"]) == (200, 200, 2)
    other = desk.post(f"/{case}/notes", json={"text": "Other."}, If_Match='"2"', Idempotency_Key="b")
    assert kind_of(other) == (422, "idempotency-key-reused")
    assert len(desk.get(f"/{case}").json()["actions"]) == 2


def test_an_empty_queue_has_no_next_case(desk: Desk) -> None:
    none = desk.post("/next")
    assert (none.status_code, none.content) == (204, b"")


def test_a_case_shows_its_decision_and_every_action(desk: Desk) -> None:
    case = desk.refer(application_reference="A-1")
    desk.post("/next")
    desk.post(f"/{case}/information-requests", json={"text": "Pay slips?"}, If_Match='"1"')
    shown = desk.get(f"/{case}", by=OLGA).json()
    assert shown["decision"]["request_id"] == case
    assert (shown["case"]["state"], shown["case"]["application_reference"]) == ("awaiting_applicant", "A-1")
    claimed, asked = shown["actions"]
    assert (claimed["by"], claimed["role"], claimed["details"]) == ("uma", "underwriter", {})
    assert asked["details"]["text"] == "Pay slips?"
    assert asked["details"]["answer_by"] == shown["case"]["answer_by"]


def test_the_list_is_filtered_and_paged(desk: Desk) -> None:
    first, second, third = desk.refer(loan_amnt=5000), desk.refer(loan_amnt=6000), desk.refer(loan_amnt=7000)
    desk.post("/next")

    def listed(**query: Any) -> list[str]:
        page = desk.get(**query).json()
        assert page["total"] >= len(page["cases"])
        return [case["case_id"] for case in page["cases"]]

    assert listed() == [first, second, third]
    assert listed(state="open") == [second, third]
    assert listed(state="assigned") == listed(mine=True) == listed(assignee="uma") == [first]
    assert listed(mine=True, state="open") == []
    assert listed(minimum_amount=6000, maximum_amount=6000) == [second]
    assert listed(state="finished") == []
    assert listed(due_before="2020-01-01") == []
    code = desk.get().json()["cases"][0]["reasons"][0]
    assert listed(reason=code) == [first, second, third]
    page = desk.get(limit=2)
    assert 'rel="next"' in page.headers["Link"]
    assert listed(cursor=page.json()["next_cursor"]) == [third]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "closed"}, "state"),
        ({"minimum_amount": 2, "maximum_amount": 1}, "maximum_amount"),
        ({"mine": True, "assignee": "udo"}, "assignee"),
        ({"cursor": "x"}, "cursor"),
        ({"limit": 0}, "limit"),
        ({"due_before": "soon"}, "due_before"),
        ({"owner": "uma"}, "owner"),
    ],
)
def test_a_wrong_filter_is_named(desk: Desk, query: dict[str, Any], field: str) -> None:
    refused = desk.get(**query)
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == [field]
