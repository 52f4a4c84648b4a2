"""Every route of the API, called by every role for its own, another user's and absent resources.

A route of the OpenAPI document or the router that is missing in `RULES` fails by name, so that a new route must
declare here who may use it.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar.routes import ASGIRoute, HTTPRoute

from acceptance.http_lender import LenderThroughHttp
from adapters.system import TimeOrderedIdentifiers
from application.ports.batches.batch_content import BatchContent
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from domain.access.user import Actor, Permission, Role
from domain.applications.superseding import SupersedesReason
from domain.audit.event import EventKind
from domain.batches.batch import Batch
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.decisions.decoding import ApplicationDecoder
from entrypoints.api.routes import openapi_document
from support.batches import SOME_LOANS, pieces
from support.builders import A_MOMENT, an_event

P, R = Permission, Role
_UNDERWRITERS = {R.UNDERWRITER, R.SENIOR_UNDERWRITER}
_APPLICANTS_STAFF = {R.LOAN_OFFICER, *_UNDERWRITERS}
_STAFF = {*_APPLICANTS_STAFF, R.RISK_MANAGER, R.COMPLIANCE, R.AUDITOR}

HOLDERS: dict[Permission, set[Role]] = {
    P.ASSESS_APPLICATIONS: {R.SERVICE, *_APPLICANTS_STAFF},
    P.READ_DECISIONS: {R.SERVICE, *_STAFF},
    P.READ_ALL_DECISIONS: _STAFF,
    P.EXPLAIN_DECISIONS: _STAFF,
    P.REPRODUCE_DECISIONS: _STAFF,
    P.SUBMIT_BATCHES: {R.SERVICE, R.RISK_MANAGER},
    P.VERIFY_AUDIT_TRAIL: {R.COMPLIANCE, R.AUDITOR},
    P.EXPORT_EVIDENCE: {R.COMPLIANCE, R.AUDITOR, R.RISK_MANAGER},
    P.ACTIVATE_POLICIES: {R.RISK_MANAGER},
    P.CHANGE_APPLICATIONS: {R.SERVICE, *_APPLICANTS_STAFF},
    P.WORK_CASES: _UNDERWRITERS,
    P.GIVE_SECOND_APPROVALS: {R.SENIOR_UNDERWRITER},
    P.REASSIGN_CASES: {R.SENIOR_UNDERWRITER},
    P.READ_OVERRIDES: {R.SENIOR_UNDERWRITER, R.RISK_MANAGER, R.COMPLIANCE, R.AUDITOR},
    P.TRY_WHAT_IF: {*_APPLICANTS_STAFF, R.RISK_MANAGER},
    P.MANAGE_USERS: {R.ADMIN},
    P.ISSUE_NOTICES: {*_UNDERWRITERS, R.COMPLIANCE},
    P.ANSWER_RECONSIDERATIONS: {*_UNDERWRITERS, R.COMPLIANCE},
    P.MAKE_APPLICANT_LINKS: {R.SERVICE, *_APPLICANTS_STAFF, R.COMPLIANCE},
    P.RECORD_LOAN_OUTCOMES: {R.SERVICE, R.RISK_MANAGER},
    P.READ_PERFORMANCE: {R.SENIOR_UNDERWRITER, R.RISK_MANAGER, R.COMPLIANCE, R.AUDITOR},
    P.MANAGE_WEBHOOKS: {R.SERVICE},
}
"""The roles with each permission, declared independently of the code."""


@dataclass(frozen=True)
class Rule:
    """What a route requires: a permission (None: open without a token), and who may own the resource.

    `owned` names the kind of resource in the path; a role without permission for all of them sees only its own.
    `done` is the status of a request that is allowed, `request` the arguments for httpx.
    """

    needs: Permission | None
    owned: str = ""
    done: int = 200
    request: dict[str, Any] = field(default_factory=dict)


DECLINED, REFERRED = {"revol_util": 82.0, "fico_range_low": 665}, {"revol_util": 82.0}
CSV = {"content": SOME_LOANS, "headers": {"Content-Type": "text/csv"}}
WRONG_PASSWORD = {
    "data": {"username": "nobody", "current_password": "wrong", "new_password": "correct horse battery"}
}
NO_USER = {"data": {"grant_type": "password", "username": "nobody", "password": "wrong"}}
_ONE_DECISION = "/api/v1/decisions/{decision_id}"
_ONE_APPLICATION = "/api/v1/applications/{application_id}"
_ONE_VERIFICATION = "/api/v1/audit/verifications/{verification_id}"
_ONE_BATCH = "/api/v1/batches/{batch_id}"
_CASES = "/api/v1/cases"
_ONE_CASE = f"{_CASES}/{{case_id}}"
_SEEN = {"headers": {"If-Match": '"0"'}}
_TEXT = {"json": {"text": "Called."}, **_SEEN}
_VIEW = {"json": {"outcome": "declined", "text": "Too much debt."}, **_SEEN}
_RESOLUTION = {"json": {"outcome": "declined", "reason": "OTHER", "text": "Too much debt."}, **_SEEN}
_IMPORTS = "/api/v1/outcome-imports"
_NOTICES = "/api/v1/notices"
_ONE_NOTICE = f"{_NOTICES}/{{notice_id}}"
_SUBSCRIPTIONS = "/api/v1/webhook-subscriptions"
_ONE_SUBSCRIPTION = f"{_SUBSCRIPTIONS}/{{subscription_id}}"
_SUBSCRIPTION = {"url": "https://portal.example/hook", "events": ["decision.recorded"]}
_USERS = "/api/v1/users"
_ONE_USER = f"{_USERS}/{{name}}"

RULES: dict[tuple[str, str], Rule] = {
    ("POST", "/api/v1/predictions"): Rule(P.ASSESS_APPLICATIONS, request={"json": EXAMPLE}),
    ("POST", "/api/v1/what-if"): Rule(P.TRY_WHAT_IF, request={"json": EXAMPLE}),
    ("GET", "/api/v1/decisions"): Rule(P.READ_DECISIONS),
    ("GET", _ONE_DECISION): Rule(P.READ_DECISIONS, "decision"),
    ("GET", f"{_ONE_DECISION}/reproduction"): Rule(P.REPRODUCE_DECISIONS, "decision"),
    ("GET", f"{_ONE_DECISION}/counterfactual"): Rule(P.EXPLAIN_DECISIONS, "decision"),
    ("GET", f"{_ONE_DECISION}/evidence"): Rule(P.EXPORT_EVIDENCE, "decision"),
    ("GET", "/api/v1/applications"): Rule(P.READ_DECISIONS),
    ("GET", _ONE_APPLICATION): Rule(P.READ_DECISIONS, "decision"),
    ("POST", f"{_ONE_APPLICATION}/acceptance"): Rule(  # the application is declined, here and below
        P.CHANGE_APPLICATIONS, "decision", done=409, request={"json": {}}
    ),
    ("POST", f"{_ONE_APPLICATION}/withdrawal"): Rule(
        P.CHANGE_APPLICATIONS, "decision", done=409, request={"json": {"reason": "duplicate"}}
    ),
    ("POST", f"{_ONE_APPLICATION}/applicant-link"): Rule(P.MAKE_APPLICANT_LINKS, "decision", done=201),
    ("GET", f"{_ONE_APPLICATION}/applicant-links"): Rule(P.READ_DECISIONS, "decision"),
    ("DELETE", f"{_ONE_APPLICATION}/applicant-links/{{link_id}}"): Rule(
        P.MAKE_APPLICANT_LINKS, "decision", done=404
    ),
    ("GET", f"{_ONE_APPLICATION}/reconsiderations"): Rule(P.READ_DECISIONS, "decision"),
    ("POST", f"{_ONE_APPLICATION}/reconsiderations/{{reconsideration_id}}/acceptance"): Rule(
        P.ANSWER_RECONSIDERATIONS, "decision", done=404, request=_SEEN
    ),
    ("GET", f"{_ONE_APPLICATION}/outcomes"): Rule(P.READ_DECISIONS, "decision", done=409),
    ("POST", f"{_ONE_APPLICATION}/outcomes"): Rule(
        P.RECORD_LOAN_OUTCOMES, "decision", done=409, request={"json": {"status": "booked", "as_of": "2026-01-15"}}
    ),
    ("GET", "/api/v1/outcomes/vintages"): Rule(P.READ_PERFORMANCE),
    ("POST", _IMPORTS): Rule(P.RECORD_LOAN_OUTCOMES, done=202, request=CSV),
    ("GET", _IMPORTS): Rule(P.RECORD_LOAN_OUTCOMES),
    ("GET", f"{_IMPORTS}/{{import_id}}"): Rule(P.RECORD_LOAN_OUTCOMES, "import"),
    ("GET", f"{_IMPORTS}/{{import_id}}/errors"): Rule(P.RECORD_LOAN_OUTCOMES, "import"),
    ("POST", "/api/v1/evidence"): Rule(P.EXPORT_EVIDENCE, done=422, request={"json": {"requested_by": "nobody"}}),
    ("GET", "/api/v1/audit/events"): Rule(P.VERIFY_AUDIT_TRAIL),
    ("GET", "/api/v1/audit/verifications"): Rule(P.VERIFY_AUDIT_TRAIL),
    ("GET", _ONE_VERIFICATION): Rule(P.VERIFY_AUDIT_TRAIL, "verification"),
    ("GET", f"{_ONE_VERIFICATION}/report"): Rule(P.VERIFY_AUDIT_TRAIL, "verification"),
    ("GET", _CASES): Rule(P.READ_ALL_DECISIONS),
    ("GET", _ONE_CASE): Rule(P.READ_ALL_DECISIONS, "case"),
    ("POST", f"{_CASES}/next"): Rule(P.WORK_CASES, done=400, request={"headers": {"Idempotency-Key": "a key"}}),
    ("POST", f"{_ONE_CASE}/claim"): Rule(P.WORK_CASES, "case", request=_SEEN),
    ("POST", f"{_ONE_CASE}/release"): Rule(P.WORK_CASES, "case", done=409, request=_SEEN),
    ("POST", f"{_ONE_CASE}/reassignment"): Rule(
        P.REASSIGN_CASES, "case", done=404, request={"json": {"to": "nobody"}, **_SEEN}
    ),
    ("POST", f"{_ONE_CASE}/lease"): Rule(P.WORK_CASES, "case", done=409),
    ("POST", f"{_ONE_CASE}/notes"): Rule(P.WORK_CASES, "case", done=409, request=_TEXT),
    ("POST", f"{_ONE_CASE}/information-requests"): Rule(P.WORK_CASES, "case", done=409, request=_TEXT),
    ("POST", f"{_ONE_CASE}/information-requests/answer"): Rule(P.WORK_CASES, "case", done=409, request=_TEXT),
    ("POST", f"{_ONE_CASE}/resolution"): Rule(P.WORK_CASES, "case", done=409, request=_RESOLUTION),
    ("POST", f"{_ONE_CASE}/second-approval"): Rule(
        P.GIVE_SECOND_APPROVALS, "case", done=409, request={"json": {"approve": True}, **_SEEN}
    ),
    ("POST", f"{_ONE_CASE}/conditions/{{number}}"): Rule(
        P.WORK_CASES, "case", done=409, request={"json": {"state": "met"}, **_SEEN}
    ),
    ("POST", f"{_ONE_CASE}/own-view"): Rule(P.WORK_CASES, "case", done=409, request=_VIEW),
    ("POST", f"{_ONE_CASE}/quality-review"): Rule(P.WORK_CASES, "case", done=409, request=_VIEW),
    ("GET", f"{_ONE_CASE}/counter-offer"): Rule(
        P.WORK_CASES, "case", done=422, request={"params": {"amount": 1, "term": 36}}
    ),
    ("GET", f"{_CASES}/quality-reviews"): Rule(P.READ_ALL_DECISIONS),
    ("POST", f"{_ONE_DECISION}/review"): Rule(
        P.WORK_CASES, "decision", done=201, request={"json": {"reason": "New payslips."}}
    ),
    ("GET", _NOTICES): Rule(P.READ_DECISIONS),
    ("GET", _ONE_NOTICE): Rule(P.READ_DECISIONS, "decision"),  # a declined one, which makes its notice due
    ("GET", f"{_ONE_NOTICE}/preview"): Rule(P.ISSUE_NOTICES, "cancelled notice", done=409),
    ("POST", f"{_ONE_NOTICE}/issue"): Rule(
        P.ISSUE_NOTICES, "cancelled notice", done=412, request={"json": {}, **_SEEN}
    ),
    ("POST", f"{_ONE_NOTICE}/delivery"): Rule(
        P.ISSUE_NOTICES, "decision", done=409, request={"json": {"method": "mail", "on": "2026-01-01"}, **_SEEN}
    ),
    ("GET", f"{_ONE_NOTICE}/letter"): Rule(P.READ_DECISIONS, "decision", done=409),
    ("GET", "/api/v1/overrides"): Rule(P.READ_OVERRIDES, request={"params": {"from": "2026-01-01"}}),
    ("GET", "/api/v1/overview"): Rule(P.READ_ALL_DECISIONS, request={"params": {"from": "2026-01-01"}}),
    ("POST", "/api/v1/batches"): Rule(P.SUBMIT_BATCHES, done=202, request=CSV),
    ("GET", "/api/v1/batches"): Rule(P.READ_DECISIONS),
    ("GET", _ONE_BATCH): Rule(P.READ_DECISIONS, "batch"),
    ("GET", f"{_ONE_BATCH}/results"): Rule(P.READ_DECISIONS, "ended batch"),
    ("GET", f"{_ONE_BATCH}/errors"): Rule(P.READ_DECISIONS, "ended batch"),
    ("POST", f"{_ONE_BATCH}/cancel"): Rule(P.SUBMIT_BATCHES, "batch"),
    ("GET", "/api/v1/webhooks/secret"): Rule(P.SUBMIT_BATCHES),
    ("GET", "/api/v1/webhooks/dead-letters"): Rule(P.SUBMIT_BATCHES),
    ("GET", _SUBSCRIPTIONS): Rule(P.MANAGE_WEBHOOKS),
    ("POST", _SUBSCRIPTIONS): Rule(P.MANAGE_WEBHOOKS, done=201, request={"json": _SUBSCRIPTION}),
    ("DELETE", _ONE_SUBSCRIPTION): Rule(P.MANAGE_WEBHOOKS, "subscription", done=204),
    ("POST", f"{_ONE_SUBSCRIPTION}/test"): Rule(P.MANAGE_WEBHOOKS, "subscription", done=202),
    ("POST", f"{_ONE_SUBSCRIPTION}/retry"): Rule(P.MANAGE_WEBHOOKS, "subscription", done=202),
    ("GET", f"{_ONE_SUBSCRIPTION}/undelivered"): Rule(P.MANAGE_WEBHOOKS, "subscription"),
    ("POST", "/api/v1/auth/token"): Rule(None, done=400, request=NO_USER),
    ("POST", "/api/v1/auth/password"): Rule(None, done=400, request=WRONG_PASSWORD),
    ("GET", _USERS): Rule(P.MANAGE_USERS),
    ("POST", _USERS): Rule(P.MANAGE_USERS, done=422, request={"json": {}}),
    ("GET", _ONE_USER): Rule(P.MANAGE_USERS, done=404),
    ("PATCH", _ONE_USER): Rule(
        P.MANAGE_USERS, done=404, request={"json": {"role": "auditor"}, "headers": {"If-Match": "*"}}
    ),
    ("DELETE", _ONE_USER): Rule(P.MANAGE_USERS, done=404, request={"headers": {"If-Match": "*"}}),
    ("POST", f"{_ONE_USER}/password"): Rule(P.MANAGE_USERS, done=404, request={"json": {}}),
    ("POST", f"{_ONE_USER}/unlock"): Rule(P.MANAGE_USERS, done=404),
    ("GET", f"{_ONE_USER}/sessions"): Rule(P.MANAGE_USERS, done=404),
    ("DELETE", f"{_ONE_USER}/sessions"): Rule(P.MANAGE_USERS, done=404),
    ("DELETE", f"{_ONE_USER}/sessions/{{session_id}}"): Rule(P.MANAGE_USERS, done=404),
    ("GET", "/health/live"): Rule(None),
    ("GET", "/health/ready"): Rule(None),
    ("GET", "/"): Rule(None),
    ("GET", "/docs"): Rule(None),
    ("GET", "/docs/{name}"): Rule(None, done=404),
    ("GET", "/schema"): Rule(None),
    ("GET", "/schema/openapi.json"): Rule(None),
}
PAGES = {("GET", path) for path in ("/", "/docs", "/docs/{name}", "/schema", "/schema/openapi.json")}
"""The documentation, which does not describe itself."""
OWNERS = ("own", "another's", "absent")


class OwnedResourcesLender(LenderThroughHttp):
    """The API over in-memory adapters, with resources of any user added directly."""

    def ask(self, method: str, path: str, by: Actor | None, rule: Rule) -> httpx.Response:
        request = dict(rule.request)
        request["headers"] = request.get("headers", {}) | ({} if by is None else self.headers(by))
        return self.client.request(method, path, **request)

    def resource_of(self, owner: str, kind: str) -> UUID:
        """Add a decision, a case, a batch or a verification of the user with this name."""
        if kind == "verification":
            asyncio.run(self.audit.verify_audit_trail(by=Actor(owner, Role.AUDITOR)))
            (event, *_) = self.events(kinds=[EventKind.TRAIL_VERIFIED])
            return event.event_id
        if kind == "import":
            submit = self.use_cases.outcomes.submit_import
            by = Actor(owner, Role.SERVICE)
            return asyncio.run(submit(pieces(SOME_LOANS), name="outcomes.csv", by=by)).wanted.import_id
        if kind == "cancelled notice":
            return self._superseded(self._decision_of(owner))
        if kind == "subscription":
            return self._subscription_of(owner)
        if kind == "case":
            return self._decision_of(owner, REFERRED)
        return self._decision_of(owner) if kind == "decision" else self._batch_of(owner, ended="ended" in kind)

    def _subscription_of(self, owner: str) -> UUID:
        subscribe = self.use_cases.webhooks.subscribe
        made = asyncio.run(subscribe(by=Actor(owner, Role.SERVICE), **_SUBSCRIPTION))  # type: ignore[arg-type]
        return made.subscription_id

    def _decision_of(self, owner: str, changed: dict[str, Any] = DECLINED) -> UUID:
        application = ApplicationDecoder(PERSONAL_LOAN)(json.dumps(EXAMPLE | changed).encode())[0]
        request = AssessmentRequest(application, Actor(owner, Role.SERVICE), "api")

        async def record() -> UUID:
            decided = await self.use_cases.assess.decide(request)
            await self.decisions.record(decided)
            return decided.decision_id

        return asyncio.run(record())

    def _superseded(self, decision_id: UUID) -> UUID:
        """The decision, superseded by one like it."""
        record = next(each for each in self.decisions.records() if each.decision_id == decision_id)
        reason = SupersedesReason.CORRECTION
        again = TimeOrderedIdentifiers().new()
        self.decisions.supersede(
            replace(record, decision_id=again, supersedes=decision_id, supersedes_reason=reason), None, None
        )
        return decision_id

    def _batch_of(self, owner: str, *, ended: bool) -> UUID:
        batch = Batch(TimeOrderedIdentifiers().new(), "loans.csv", A_MOMENT, Actor(owner, Role.SERVICE))

        async def keep() -> UUID:
            await self.batches.accept(batch, BatchContent(pieces(SOME_LOANS)))
            if ended:
                await self.batches.cancel(batch.batch_id, an_event())
            return batch.batch_id

        return asyncio.run(keep())


@pytest.fixture(scope="module")
def lender() -> Iterator[OwnedResourcesLender]:
    lender = OwnedResourcesLender()
    with lender.client:
        yield lender


def filled(path: str, identifier: str) -> str:
    """The path with this identifier, and with 1 for a number."""
    return re.sub(r"{\w+}", identifier, path.replace("{number}", "1"))


def actor_with(role: Role) -> Actor:
    return Actor(f"the {role.value}", role)


def test_every_route_has_a_rule(lender: OwnedResourcesLender) -> None:
    documented = {
        (method.upper(), path)
        for path, methods in lender.client.get("/schema").json()["paths"].items()
        for method in methods
    }
    assert documented - RULES.keys() == set(), "declare who may use these routes in RULES"
    assert RULES.keys() - documented - PAGES == set(), "these routes no longer exist"
    assert openapi_document("test", PERSONAL_LOAN)["paths"].keys() == {path for _, path in documented}


def test_every_route_of_the_router_is_in_the_document(lender: OwnedResourcesLender) -> None:
    routed = set()
    for route in lender.client.app.routes:
        path = re.sub(r"{(\w+):\w+}", r"{\1}", route.path)
        if isinstance(route, HTTPRoute):
            routed |= {(method, path) for method in route.methods if method not in {"HEAD", "OPTIONS"}}
        else:
            assert isinstance(route, ASGIRoute)
            routed.add(("POST", path))
    assert routed == RULES.keys()


def test_every_permission_and_role_is_in_the_table() -> None:
    assert set(HOLDERS) == set(Permission)
    for role in Role:
        assert role.permissions == {permission for permission, holders in HOLDERS.items() if role in holders}


def expected(rule: Rule, role: Role, owner: str) -> int:
    if rule.needs is None:
        return rule.done
    if role not in HOLDERS[rule.needs]:
        return 403
    if owner == "absent" or (owner == "another's" and role not in HOLDERS[P.READ_ALL_DECISIONS]):
        return 404
    return rule.done


CELLS = [
    pytest.param(route, role, owner, id=f"{' '.join(route)} {role.value} {owner}".strip())
    for route, rule in RULES.items()
    for role in Role
    for owner in (OWNERS if rule.owned else [""])
]


@pytest.mark.parametrize(("route", "role", "owner"), CELLS)
def test_each_role_gets_the_expected_status(
    lender: OwnedResourcesLender, route: tuple[str, str], role: Role, owner: str
) -> None:
    (method, path), rule, by = route, RULES[route], actor_with(role)
    if rule.owned:
        name = by.name if owner == "own" else f"another {uuid4().hex}"
        identifier = uuid4() if owner == "absent" else lender.resource_of(name, rule.owned)
        path = filled(path, str(identifier))
    lender.advance_clock(timedelta(hours=1))  # or wrong passwords of earlier cases would be too many
    answer = lender.ask(method, path, by, rule)
    assert answer.status_code == expected(rule, role, owner), answer.text
    if method == "GET":
        assert lender.ask("HEAD", path, by, rule).status_code == answer.status_code


@pytest.mark.parametrize("route", [route for route, rule in RULES.items() if rule.needs], ids=" ".join)
def test_every_protected_route_requires_a_token(lender: OwnedResourcesLender, route: tuple[str, str]) -> None:
    method, path = route
    for identifier in (lender.resource_of("another user", RULES[route].owned or "decision"), uuid4()):
        path = filled(path, str(identifier))
        assert lender.ask(method, path, None, RULES[route]).status_code == 401


OWNED = [
    pytest.param(route, role, id=f"{' '.join(route)} {role.value}")
    for route, rule in RULES.items()
    for role in Role
    if rule.owned and role not in HOLDERS[P.READ_ALL_DECISIONS]
]


@pytest.mark.parametrize(("route", "role"), OWNED)
def test_a_resource_of_another_user_is_answered_like_an_absent_one(
    lender: OwnedResourcesLender, route: tuple[str, str], role: Role
) -> None:
    (method, path), rule = route, RULES[route]

    def response_to(identifier: UUID) -> tuple[int, dict[str, str], str]:
        answer = lender.ask(method, filled(path, str(identifier)), actor_with(role), rule)
        request_id = answer.headers["x-request-id"]
        text = answer.text.replace(str(identifier), "IT").replace(request_id, "REQUEST")
        return answer.status_code, {**answer.headers, "x-request-id": ""}, text

    assert response_to(lender.resource_of("another user", rule.owned)) == response_to(uuid4())


@pytest.mark.parametrize("route", [route for route, rule in RULES.items() if rule.owned], ids=" ".join)
def test_no_spelling_of_an_identifier_reaches_a_resource_of_another_user(
    lender: OwnedResourcesLender, route: tuple[str, str]
) -> None:
    (method, path), rule = route, RULES[route]
    it = lender.resource_of("another user", rule.owned)
    spellings = [str(it).upper(), it.hex, f"{{{it}}}", f"urn:uuid:{it}", str(it).replace("-", "%2D"), f"{it}%00"]
    addresses = [filled(path, spelling) for spelling in spellings]
    addresses += [address + "/" for address in addresses] + ["/" + address for address in addresses]
    for address in addresses:
        status = lender.ask(
            method, f"http://testserver.local{address}", actor_with(Role.SERVICE), rule
        ).status_code
        assert status in {403, 404}, address


EXPLAINED = {"base", "log_odds", "contributions"}


@pytest.mark.parametrize("role", [Role.SERVICE, Role.LOAN_OFFICER])
def test_only_roles_that_may_explain_decisions_see_contributions(lender: OwnedResourcesLender, role: Role) -> None:
    rule = RULES["POST", "/api/v1/predictions"]
    by = Actor(f"teller {role.value}", role)
    made = lender.ask("POST", "/api/v1/predictions", by, rule).json()
    read = lender.ask("GET", f"/api/v1/decisions/{made['request_id']}", by, Rule(P.READ_DECISIONS)).json()
    wanted = Rule(P.READ_DECISIONS, request={"params": {"requested_by": by.name}})
    (listed,) = lender.ask("GET", "/api/v1/decisions", by, wanted).json()["decisions"]
    expected_fields = EXPLAINED if role in HOLDERS[P.EXPLAIN_DECISIONS] else set()
    for answer in (made, read, listed):
        assert answer["prediction"].keys() & EXPLAINED == expected_fields
    described = lender.client.get("/schema").json()["components"]["schemas"]["Prediction"]
    assert described["properties"].keys() >= EXPLAINED
    assert EXPLAINED.isdisjoint(described["required"])


def test_a_cached_result_is_not_returned_to_a_user_without_permission(lender: OwnedResourcesLender) -> None:
    service = actor_with(Role.SERVICE)
    path = f"/api/v1/decisions/{lender.resource_of(service.name, 'decision')}/counterfactual"
    rule = RULES["GET", f"{_ONE_DECISION}/counterfactual"]
    assert lender.ask("GET", path, actor_with(Role.AUDITOR), rule).json()["counterfactuals"]
    before = lender.results.figures()
    assert lender.ask("GET", path, service, rule).status_code == 403
    assert lender.results.figures() == before
    overview = RULES["GET", "/api/v1/overview"]
    assert lender.ask("GET", "/api/v1/overview", actor_with(Role.AUDITOR), overview).status_code == 200
    assert lender.ask("GET", "/api/v1/overview", service, overview).status_code == 403


def test_a_batch_continues_after_another_user_tries_to_cancel_it(lender: OwnedResourcesLender) -> None:
    batch_id = lender.resource_of("another user", "batch")
    rule = RULES["POST", f"{_ONE_BATCH}/cancel"]
    assert (
        lender.ask("POST", f"/api/v1/batches/{batch_id}/cancel", actor_with(Role.SERVICE), rule).status_code == 404
    )
    found = asyncio.run(lender.batches.find(batch_id))
    assert found is not None
    assert not found.state.ended
