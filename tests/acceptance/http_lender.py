"""Runs the features through the API."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
import msgspec
from litestar.testing import TestClient

from acceptance.answers import (
    Answer,
    CaseAnswer,
    CaseDecisions,
    CounterfactualAnswer,
    FinalAnswer,
    ImportAnswer,
    LetterAnswer,
    LoanAnswer,
    NoticeAnswer,
    OverridesAnswer,
    OverviewData,
    ReconsiderationAnswer,
    RecordedDecision,
    Submission,
    VintageAnswer,
    WhatIfAnswer,
)
from acceptance.lender import AUDITOR, OFFICE, OFFICER, Lender
from application.ports.decisions.decision_archive import DecisionFilter
from domain.access.user import Actor, PermissionDenied, Role
from domain.applications.application_identity import NAMES
from domain.batches.file_conventions import AS_DEFINED, FileConventions
from domain.monitoring.overview_filter import DEFAULT_FILTER, OverviewFilter
from domain.month import Month
from entrypoints.api.app import create_app
from support.applicant_app import FROM_THE_PAGE, applicant_app, ask_app, text_in

_CASE_ACTIONS = {
    "claim": ("claim", ""),
    "release": ("release", ""),
    "reassign": ("reassignment", "to"),
    "note": ("notes", "text"),
    "ask": ("information-requests", "text"),
    "answer": ("information-requests/answer", "text"),
    "renew": ("lease", ""),
}
"""The path of each action on a case below the case, and the member of its body."""


def _detail(response: httpx.Response) -> str:
    """Why a request was refused."""
    assert response.status_code in {403, 409, 412, 422}, response.text
    detail: str = response.json()["detail"]
    return detail


class LenderThroughHttp(Lender):
    """Calls the API with access tokens, as a lender's systems do."""

    def __init__(self) -> None:
        super().__init__()
        self.use_cases_changed()

    def use_cases_changed(self) -> None:
        app = create_app(self.use_cases, version="test", trusted_proxies=["testclient"])
        self.client = TestClient(app, raise_server_exceptions=True)
        self.applicants = applicant_app(self.use_cases)

    def apply(self, form: dict[str, Any], by: Actor = OFFICER) -> Answer | None:
        response = self.client.post("/api/v1/predictions", json=form, headers=self.headers(by))
        if response.status_code in {403, 422}:
            return None
        assert response.status_code == 200, response.text
        return _answer_from_json(response.json()["prediction"])

    def shown_application(self, decision_id: UUID) -> dict[str, Any]:
        shown = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(OFFICER)).json()
        return {"product": shown["product"]["name"], "values": shown["application"]}

    def is_synthetic(self, decision_id: UUID) -> bool:
        shown = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(OFFICER)).json()
        return bool(shown["synthetic"])

    def identity_of(self, decision_id: UUID) -> dict[str, Any]:
        shown = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(OFFICER)).json()
        return {name: shown["application"][name] for name in NAMES if name in shown["application"]}

    def try_what_if(
        self, form: dict[str, Any], by: Actor, decision_id: UUID | None = None, versions: str = "decision"
    ) -> WhatIfAnswer | None:
        of = {} if decision_id is None else {"decision_id": str(decision_id), "versions": versions}
        response = self.client.post("/api/v1/what-if", json=form | of, headers=self.headers(by))
        if response.status_code == 403:
            return None
        assert response.status_code == 200, response.text
        body = response.json()
        assert body["what_if"] is True
        assert "decision_id" not in body["prediction"]
        found = body["prediction"]
        return WhatIfAnswer(
            found["outcome"],
            found["probability_of_default"],
            found["recommended_amount"],
            tuple(reason["text"] for reason in found["reasons"]),
        )

    def related_to(self, decision_id: UUID) -> list[UUID]:
        response = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(OFFICER))
        assert response.status_code == 200, response.text
        return [UUID(each) for each in response.json().get("related_decisions", [])]

    def find(self, wanted: DecisionFilter, by: Actor) -> list[UUID]:
        given = {name: getattr(wanted, name) for name in ("application_reference", "text", "trial")}
        query = {
            name: str(value).lower() if name == "trial" else value
            for name, value in given.items()
            if value is not None
        }
        response = self.client.get("/api/v1/decisions", params=query, headers=self.headers(by))
        assert response.status_code == 200, response.text
        return [UUID(each["request_id"]) for each in response.json()["decisions"]]

    def submit(self, form: dict[str, Any], by: Actor) -> Submission:
        response = self.client.post("/api/v1/predictions", json=form, headers=self.headers(by))
        if response.status_code == 200:
            answer = _answer_from_json(response.json()["prediction"])
            return Submission(replace(answer, replayed=response.headers.get("Idempotent-Replayed") == "true"))
        problem = response.json()
        kind = problem["type"].rpartition(":")[2]
        if kind == "invalid-application" and "there is no decision" in problem["errors"][0]["problem"]:
            kind = "superseded-decision-not-found"
        named = problem.get("decision_id")
        assert named is None or named in problem["detail"]
        return Submission(None, kind, None if named is None else UUID(named))

    def links(self, decision_id: UUID, by: Actor) -> tuple[UUID | None, str | None, UUID | None]:
        shown = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(by)).json()
        before, after = shown["supersedes"], shown["superseded_by"]
        return before and UUID(before), shown["supersedes_reason"], after and UUID(after)

    def application(self, decision_id: UUID, by: Actor) -> tuple[str, float | None] | None:
        response = self.client.get(f"/api/v1/applications/{decision_id}", headers=self.headers(by))
        if response.status_code == 404:
            return None
        assert response.status_code == 200, response.text
        shown = response.json()
        return shown["state"], shown["acceptance"] and shown["acceptance"]["amount"]

    def accept(self, decision_id: UUID, amount: float | None, by: Actor, key: str | None = None) -> str:
        return self._change(decision_id, "acceptance", {} if amount is None else {"amount": amount}, by, key)

    def withdraw(self, decision_id: UUID, reason: str, by: Actor) -> str:
        return self._change(decision_id, "withdrawal", {"reason": reason}, by, None)

    def report_loan(
        self,
        decision_id: UUID,
        status: str,
        as_of: date,
        booked_on: date,
        *,
        by: Actor,
        corrects: UUID | None = None,
        reason: str = "",
    ) -> str:
        body = {"status": status, "as_of": as_of.isoformat(), "booked_on": booked_on.isoformat(), "reason": reason}
        if corrects is not None:
            body["corrects"] = str(corrects)
        path = f"/api/v1/applications/{decision_id}/outcomes"
        response = self.client.post(path, json=body, headers=self.headers(by))
        if response.status_code == 200:
            return ""
        problem = response.json()
        named = " ".join(each["field"] for each in problem.get("errors", ()))
        refused = "not permitted" if response.status_code == 403 else problem["detail"]
        return f"{refused} {named}"

    def loan(self, decision_id: UUID, by: Actor) -> LoanAnswer:
        response = self.client.get(f"/api/v1/applications/{decision_id}/outcomes", headers=self.headers(by))
        assert response.status_code == 200, response.text
        loan = response.json()
        default = {"default": True, "no_default": False, "immature": None}[loan["label"]]
        ids = tuple(UUID(each["outcome_id"]) for each in loan["outcomes"])
        return LoanAnswer(loan["status"], default, ids)

    def vintages(self, by: Actor, source: str | None) -> list[VintageAnswer]:
        params = {} if source is None else {"source": source}
        response = self.client.get("/api/v1/outcomes/vintages", params=params, headers=self.headers(by))
        if response.status_code == 403:
            raise PermissionDenied(_detail(response))
        return [
            VintageAnswer(
                Month.read(each["month"][:7]),
                each["loans"],
                each["immature"],
                each["defaults"],
                each["complete"],
                each["expected"],
                each["observed"],
                (each["observed_low"], each["observed_high"]),
            )
            for each in response.json()["vintages"]
        ]

    def import_outcomes(self, content: bytes, by: Actor) -> ImportAnswer:
        headers = self.headers(by) | {"Content-Type": "text/csv"}
        submitted = self.client.post("/api/v1/outcome-imports", content=content, headers=headers)
        assert submitted.status_code == 202, submitted.text
        self.work_imports()
        path = submitted.headers["location"]
        done = self.client.get(path, headers=headers).json()["progress"]
        errors = self.client.get(f"{path}/errors", headers=headers).text
        return ImportAnswer.of((done["recorded"], done["repeated"], done["refused"]), errors)

    def _change(self, decision_id: UUID, what: str, body: dict[str, Any], by: Actor, key: str | None) -> str:
        headers = self.headers(by) | ({} if key is None else {"Idempotency-Key": key})
        path = f"/api/v1/applications/{decision_id}/{what}"
        response = self.client.post(path, json=body, headers=headers)
        if response.status_code == 200:
            return ""
        problem = response.json()
        kind = problem["type"].rpartition(":")[2].replace("-", " ")
        return f"{kind}: {problem['detail']}"

    def take_next_case(self, *, by: Actor, key: str | None = None) -> UUID | None:
        headers = self.headers(by) | ({} if key is None else {"Idempotency-Key": key})
        response = self.client.post("/api/v1/cases/next", headers=headers)
        if response.status_code == 204:
            return None
        assert response.status_code == 200, response.text
        return UUID(response.json()["case_id"])

    def work_case(self, verb: str, case_id: UUID, *, by: Actor, text: str = "", seen: int | None = None) -> str:
        path, member = _CASE_ACTIONS[verb]
        version = self.case(case_id).version if seen is None else seen
        response = self.client.post(
            f"/api/v1/cases/{case_id}/{path}",
            json={member: text} if member else None,
            headers=self.headers(by) | {"If-Match": f'"{version}"'},
        )
        if response.status_code == 200:
            assert response.headers["ETag"] == response.json()["etag"]
            return ""
        assert response.status_code in {403, 409, 412, 422}, response.text
        detail: str = response.json()["detail"]
        return detail

    def case(self, case_id: UUID) -> CaseAnswer:
        response = self.client.get(f"/api/v1/cases/{case_id}", headers=self.headers(AUDITOR))
        shown = response.json()
        case = shown["case"]
        return CaseAnswer(
            state=case["state"],
            version=case["version"],
            assignee=case["assignee"],
            opened_at=datetime.fromisoformat(case["opened_at"]),
            due_at=datetime.fromisoformat(case["due_at"]),
            breached=case["breached_at"] is not None,
            notes=tuple(
                (action["by"], action["details"]["text"])
                for action in shown["actions"]
                if action["action"] == "case note added"
            ),
        )

    def decide_case(self, path: str, case_id: UUID, body: dict[str, Any], *, by: Actor) -> str:
        seen = {"If-Match": f'"{self.case(case_id).version}"'}
        response = self.client.post(f"/api/v1/cases/{case_id}/{path}", json=body, headers=self.headers(by) | seen)
        return "" if response.status_code == 200 else _detail(response)

    def make_applicant_link(self, decision_id: UUID, by: Actor) -> str:
        path = f"/api/v1/applications/{decision_id}/applicant-link"
        response = self.client.post(path, headers=self.headers(by))
        assert response.status_code == 201, response.text
        return str(response.json()["address"]).rpartition("/")[2]

    def revoke_applicant_links(self, decision_id: UUID, by: Actor) -> None:
        path = f"/api/v1/applications/{decision_id}/applicant-links"
        for link in self.client.get(path, headers=self.headers(by)).json()["links"]:
            revoked = self.client.delete(f"{path}/{link['link_id']}", headers=self.headers(by))
            assert (revoked.status_code, revoked.json()["valid"]) == (200, False)

    def applicant_page(self, token: str) -> str:
        return text_in(ask_app(self.applicants, "GET", f"/applicant/{token}").text)

    def ask_by_link(self, token: str, kind: str, stated: Mapping[str, str], text: str, form: str) -> str:
        """As a browser does it: the form is reviewed, then sent."""
        inputs = {f"field-{name}": value for name, value in stated.items()}
        inputs |= {"kind": kind, "text": text, "form": form}
        for step in ("review", "send"):
            path, data = f"/applicant/{token}", {**inputs, "step": step}
            response = ask_app(self.applicants, "POST", path, data=data, headers=FROM_THE_PAGE)
            if response.status_code >= 400 and response.status_code != 409:
                return text_in(response.text)
        if response.status_code == 303:
            return ""
        assert "Your earlier request is not answered yet" in text_in(response.text)
        return "request-open"

    def reconsiderations(self, decision_id: UUID, by: Actor) -> list[ReconsiderationAnswer]:
        path = f"/api/v1/applications/{decision_id}/reconsiderations"
        response = self.client.get(path, headers=self.headers(by))
        assert response.status_code == 200, response.text
        return [
            ReconsiderationAnswer(
                UUID(each["reconsideration_id"]),
                UUID(each["case_id"]),
                each["kind"],
                each["state"],
                each["answer"] and each["answer"]["answered_by"],
            )
            for each in response.json()["reconsiderations"]
        ]

    def accept_correction(self, decision_id: UUID, by: Actor) -> str:
        (request, *_) = self.reconsiderations(decision_id, by)
        seen = {"If-Match": f'"{self.case(request.case_id).version}"'}
        path = f"/api/v1/applications/{decision_id}/reconsiderations/{request.reconsideration_id}/acceptance"
        response = self.client.post(path, headers=self.headers(by) | seen)
        return "" if response.status_code == 200 else _detail(response)

    def decision_withheld(self, decision_id: UUID, by: Actor) -> bool:
        response = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(by))
        assert response.status_code in {200, 409}
        return response.status_code == 409 and response.json()["type"].endswith(":own-view-required")

    def queued_grades(self, by: Actor) -> dict[UUID, str]:
        response = self.client.get("/api/v1/cases", params={"state": "unfinished"}, headers=self.headers(by))
        return {UUID(case["case_id"]): case["grade"] for case in response.json()["cases"]}

    def case_decisions(self, case_id: UUID, by: Actor) -> CaseDecisions:
        shown = self.client.get(f"/api/v1/cases/{case_id}", headers=self.headers(by)).json()
        authority, decided = shown["authority"], shown["final_decision"] or {}
        loan = decided.get("loan") or {}
        approving = [each["second_person"] for each in authority["outcomes"] if each["outcome"] == "approved"]
        assert shown["withheld"] is (shown["decision"] is None)
        return CaseDecisions(
            score_shown=shown["decision"] is not None,
            approving_needs=tuple(approving[0]) if approving else (),
            counter_offers=tuple((each["amount"], each["term"]) for each in authority["counter_offers"]),
            conditions=tuple(each["state"] for each in shown["conditions"]),
            outcome=decided.get("outcome"),
            override=decided.get("override"),
            maker=decided.get("maker"),
            checker=decided.get("checker"),
            amount=loan.get("amount"),
            term=loan.get("term"),
        )

    def open_review(self, decision_id: UUID, reason: str, by: Actor) -> tuple[UUID | None, str]:
        path = f"/api/v1/decisions/{decision_id}/review"
        response = self.client.post(path, json={"reason": reason}, headers=self.headers(by))
        if response.status_code != 201:
            return None, _detail(response)
        return UUID(response.json()["case_id"]), ""

    def disagreements(self, by: Actor) -> list[tuple[UUID, str, str]]:
        found = self.client.get("/api/v1/cases/quality-reviews", headers=self.headers(by)).json()["reviews"]
        return [(UUID(each["case_id"]), each["maker"], each["reviewer"]) for each in found]

    def letter(self, decision_id: UUID, by: Actor) -> LetterAnswer:
        due = {"decision_id": str(decision_id), "state": "due"}
        response = self.client.get("/api/v1/notices", params=due, headers=self.headers(by))
        (notice,) = response.json()["notices"]
        path = f"/api/v1/notices/{notice['notice_id']}/preview"
        response = self.client.get(path, params={"format": "html"}, headers=self.headers(by))
        if response.status_code == 409:
            return LetterAnswer("", tuple(error["problem"] for error in response.json()["errors"]))
        assert response.status_code == 200, response.text
        return LetterAnswer(response.text)

    def notices_of(self, application_id: UUID, by: Actor) -> list[NoticeAnswer]:
        headers = self.headers(by)
        found = self.client.get("/api/v1/notices", params={"application_id": str(application_id)}, headers=headers)
        assert found.status_code == 200, found.text
        details = [
            self.client.get(f"/api/v1/notices/{each['notice_id']}", headers=headers).json()
            for each in sorted(found.json()["notices"], key=lambda each: each["notice_id"])
        ]
        return [
            NoticeAnswer(
                notice_id=UUID(each["notice"]["notice_id"]),
                kind=each["notice"]["kind"],
                state=each["notice"]["state"],
                version=each["notice"]["version"],
                due_at=datetime.fromisoformat(each["notice"]["due_at"]),
                overdue=each["notice"]["overdue"],
                cancelled=next(
                    (done["details"]["reason"] for done in each["actions"] if "reason" in done["details"]), ""
                ),
            )
            for each in details
        ]

    def issue_notice(self, notice_id: UUID, *, by: Actor, seen: int) -> str:
        headers = self.headers(by) | {"If-Match": f'"{seen}"'}
        response = self.client.post(f"/api/v1/notices/{notice_id}/issue", json={}, headers=headers)
        return "" if response.status_code == 200 else _detail(response)

    def record_delivery(self, notice_id: UUID, method: str, *, by: Actor, returned: bool = False) -> str:
        path, headers = f"/api/v1/notices/{notice_id}", self.headers(by)
        etag = self.client.get(path, headers=headers).headers["ETag"]
        body = {"method": method, "on": self.clock.now().date().isoformat(), "returned": returned}
        response = self.client.post(f"{path}/delivery", json=body, headers=headers | {"If-Match": etag})
        return "" if response.status_code == 200 else _detail(response)

    def issued_letter(self, notice_id: UUID, *, by: Actor, form: str = "pdf") -> bytes:
        path = f"/api/v1/notices/{notice_id}/letter"
        response = self.client.get(path, params={"format": form}, headers=self.headers(by))
        if response.status_code == 500:
            assert response.json()["type"].endswith(":letter-altered")
            return b""
        assert response.status_code == 200, response.text
        return response.content

    def case_queue(self, by: Actor) -> list[UUID]:
        response = self.client.get("/api/v1/cases", params={"state": "unfinished"}, headers=self.headers(by))
        return [UUID(case["case_id"]) for case in response.json()["cases"]]

    def reproduction_differences(self, decision_id: UUID) -> list[str] | None:
        response = self.client.get(f"/api/v1/decisions/{decision_id}/reproduction", headers=self.headers(AUDITOR))
        if response.status_code == 409:
            return None
        assert response.status_code == 200, response.text
        body = response.json()
        assert body["identical"] == (not body["differences"])
        return [one["field"] for one in body["differences"]]

    def find_counterfactual(self, decision_id: UUID) -> CounterfactualAnswer:
        path = f"/api/v1/decisions/{decision_id}/counterfactual"
        response = self.client.get(path, headers=self.headers(OFFICER))
        assert response.status_code == 200, response.text
        body = response.json()
        options = (
            {change["field"]: change["instead"] for change in one["changes"]} for one in body["counterfactuals"]
        )
        return CounterfactualAnswer(body["outcome"] == "approved", tuple(options))

    def apply_with_key(self, form: dict[str, Any], key: str, by: Actor = OFFICER) -> Answer | None:
        headers = self.headers(by) | {"Idempotency-Key": key}
        response = self.client.post("/api/v1/predictions", json=form, headers=headers)
        if response.status_code == 422:
            return None
        assert response.status_code == 200, response.text
        replayed = response.headers.get("idempotent-replayed") == "true"
        return replace(_answer_from_json(response.json()["prediction"]), replayed=replayed)

    def upload_batch(
        self,
        content: bytes,
        by: Actor,
        key: str | None = None,
        *,
        conventions: FileConventions = AS_DEFINED,
        keep: str = "",
        trial: bool = False,
    ) -> UUID | None:
        headers = self.headers(by) | {"Content-Type": "text/csv"} | ({"Idempotency-Key": key} if key else {})
        query = {"name": "loans.csv", "trial": str(trial).lower()} | conventions.texts
        query |= {"keep": keep} if keep else {}
        response = self.client.post("/api/v1/batches", params=query, content=content, headers=headers)
        if response.status_code == 403:
            return None
        assert response.status_code == 202, response.text
        return UUID(response.json()["batch_id"])

    def subscribe(self, events: Sequence[str], *, by: Actor) -> str:
        body = {"url": "https://portal.example/", "events": list(events)}
        response = self.client.post("/api/v1/webhook-subscriptions", json=body, headers=self.headers(by))
        if response.status_code == 201:
            return ""
        problem = response.json()
        return " ".join([problem["detail"], *(each["problem"] for each in problem.get("errors", ()))])

    def end_subscriptions(self, *, by: Actor) -> None:
        path, headers = "/api/v1/webhook-subscriptions", self.headers(by)
        for each in self.client.get(path, headers=headers).json()["subscriptions"]:
            assert self.client.delete(f"{path}/{each['subscription_id']}", headers=headers).status_code == 204

    def cancel_batch(self, batch_id: UUID, by: Actor) -> None:
        assert self.client.post(f"/api/v1/batches/{batch_id}/cancel", headers=self.headers(by)).status_code == 200

    def batch(self, batch_id: UUID) -> tuple[str, int, int]:
        found = self.client.get(f"/api/v1/batches/{batch_id}", headers=self.headers(OFFICER)).json()
        progress = found["progress"]
        decided = sum(progress[outcome] for outcome in ("approved", "referred", "declined"))
        return found["state"], decided, progress["rows_refused"]

    def batch_fault(self, batch_id: UUID) -> str:
        found = self.client.get(f"/api/v1/batches/{batch_id}", headers=self.headers(OFFICER)).json()
        return str(found["fault"])

    def batch_lines(self, batch_id: UUID, output: str) -> list[dict[str, str]]:
        response = self.client.get(f"/api/v1/batches/{batch_id}/{output}", headers=self.headers(OFFICER))
        assert response.status_code == 200, response.text
        return list(csv.DictReader(io.StringIO(response.text)))

    def read_decision(self, decision_id: UUID) -> RecordedDecision:
        response = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(OFFICER))
        assert response.status_code == 200, response.text
        return RecordedDecision(_answer_from_json(response.json()["prediction"]), response.json()["requested_by"])

    def can_read(self, decision_id: UUID, by: Actor) -> str:
        return self._result_of("GET", f"/api/v1/decisions/{decision_id}", by)

    def can_explain(self, decision_id: UUID, by: Actor) -> str:
        return self._result_of("GET", f"/api/v1/decisions/{decision_id}/counterfactual", by)

    def decision_count(self, by: Actor) -> int:
        response = self.client.get("/api/v1/decisions", headers=self.headers(by))
        assert response.status_code == 200, response.text
        return int(response.json()["total"])

    def can_see_overview(self, start: datetime, by: Actor) -> bool:
        return (
            self._result_of("GET", f"/api/v1/overview?{urlencode({'from': start.isoformat()})}", by) == "allowed"
        )

    def can_use_batch(self, batch_id: UUID, by: Actor) -> tuple[str, str]:
        path = f"/api/v1/batches/{batch_id}"
        return self._result_of("GET", path, by), self._result_of("POST", f"{path}/cancel", by)

    def _result_of(self, method: str, path: str, by: Actor) -> str:
        response = self.client.request(method, path, headers=self.headers(by))
        return {200: "allowed", 403: "refused", 404: "absent"}[response.status_code]

    def export_evidence(self, decision_id: UUID | None, by: Actor) -> bytes | None:
        if decision_id is None:
            response = self.client.post("/api/v1/evidence", json={}, headers=self.headers(by))
        else:
            response = self.client.get(f"/api/v1/decisions/{decision_id}/evidence", headers=self.headers(by))
        if response.status_code == 403:
            return None
        assert (response.status_code, response.headers["content-type"]) == (200, "application/zip"), response.text
        return response.content

    def verification_report(self) -> tuple[dict[str, Any], str]:
        path = f"/api/v1/audit/verifications/{self.last_verification()}"
        response = self.client.get(path, headers=self.headers(AUDITOR))
        assert response.status_code == 200, response.text
        return response.json()["report"], response.json()["fault"]

    def search(self, outcome: str | None = None) -> list[RecordedDecision]:
        criteria = {"outcome": outcome} if outcome else {}
        response = self.client.get("/api/v1/decisions", params=criteria, headers=self.headers(OFFICER))
        assert response.status_code == 200, response.text
        return [
            RecordedDecision(_answer_from_json(each["prediction"]), each["requested_by"])
            for each in response.json()["decisions"]
        ]

    def amounts_of_channel(self, channel: str) -> list[float]:
        criteria = {"channel": channel, "sort": "amount"}
        response = self.client.get("/api/v1/decisions", params=criteria, headers=self.headers(OFFICER))
        return [each["application"]["loan_amnt"] for each in response.json()["decisions"]]

    def unreadable(self) -> dict[UUID, str]:
        page = self.client.get("/api/v1/decisions", headers=self.headers(OFFICER)).json()
        return {UUID(each["decision_id"]): each["problem"] for each in page["unreadable"]}

    def faults_of(self, decision_id: UUID) -> tuple[str, str]:
        faults = []
        for path in ("", "/reproduction"):
            response = self.client.get(f"/api/v1/decisions/{decision_id}{path}", headers=self.headers(AUDITOR))
            assert response.json()["title"] == "Decision cannot be read"
            faults.append(response.json()["detail"])
        return faults[0], faults[1]

    def final_outcome(self, decision_id: UUID, by: Actor) -> FinalAnswer:
        shown = self.client.get(f"/api/v1/decisions/{decision_id}", headers=self.headers(by)).json()
        final = shown["final_decision"] or {}
        return FinalAnswer(shown["final_outcome"], shown["prediction"]["outcome"], final.get("maker"))

    def decisions_with(self, final_outcome: str, by: Actor) -> set[UUID]:
        wanted = {"final_outcome": final_outcome}
        listed = self.client.get("/api/v1/decisions", params=wanted, headers=self.headers(by)).json()
        assert all(each["final_outcome"] in {None, final_outcome} for each in listed["decisions"])
        return {UUID(each["request_id"]) for each in listed["decisions"]}

    def final_outcomes(self, start: datetime, by: Actor) -> tuple[int, int, int, int]:
        period = {"from": start.isoformat()}
        found = self.client.get("/api/v1/overview", params=period, headers=self.headers(by)).json()
        counts = found["final_outcomes"]
        return counts["approved"], counts["counter_offer"], counts["declined"], counts["undecided"]

    def overrides(self, start: datetime, by: Actor, officer: str | None = None) -> OverridesAnswer:
        wanted = {"from": start.isoformat()} | ({"officer": officer} if officer else {})
        response = self.client.get("/api/v1/overrides", params=wanted, headers=self.headers(by))
        if response.status_code == 403:
            raise PermissionDenied(_detail(response))
        found = response.json()
        total, disagreed = found["total"], found["quality_disagreed"]
        return OverridesAnswer(
            (total["agreed"], total["low_side"], total["high_side"], total["policy_exception"]),
            {each["name"]: (each["overrides"]["count"], each["decisions"]) for each in found["officers"]},
            found["second_approvals_refused"],
            (disagreed["count"], disagreed["total"]),
        )

    def overview(
        self,
        start: datetime,
        end: datetime | None = None,
        by: Actor = OFFICER,
        wanted: OverviewFilter = DEFAULT_FILTER,
    ) -> OverviewData | None:
        given = {"to": end and end.isoformat(), "channel": wanted.channel, "grade": wanted.grade}
        criteria = {"from": start.isoformat(), "compare": "true"} | {
            name: value for name, value in given.items() if value
        }
        response = self.client.get("/api/v1/overview", params=criteria, headers=self.headers(by))
        if response.status_code == 400:
            return None
        assert response.status_code == 200, response.text
        body = response.json()
        return OverviewData(
            as_of=datetime.fromisoformat(body["as_of"]),
            decisions=body["decisions"],
            outcomes=tuple(body["outcomes"].values()),
            trend_total=sum(sum(step["outcomes"].values()) for step in body["course"]),
            requested=body["amount_requested"],
            mean_pd=body["mean_probability_of_default"],
            reasons={one["text"]: one["decisions"] for one in body["reasons"]},
            by_policy={one["policy_version"]: sum(one["outcomes"].values()) for one in body["versions"]},
            decisions_before=body["before"]["decisions"],
        )

    def log_in(self, name: str, password: str, address: str = OFFICE) -> bool:
        form = {"grant_type": "password", "username": name, "password": password}
        headers = {"X-Forwarded-For": address}
        answer = self.client.post("/api/v1/auth/token", data=form, headers=headers)
        if answer.status_code != 200:
            return False
        self.tokens_of[name] = answer.json()["access_token"]
        return True

    def is_logged_in(self, name: str) -> bool:
        headers = {"Authorization": f"Bearer {self.tokens_of[name]}"}
        return self.client.get("/api/v1/decisions", headers=headers).status_code == 200

    def change_password(self, name: str, current: str, new: str) -> bool:
        form = {"username": name, "current_password": current, "new_password": new}
        return self.client.post("/api/v1/auth/password", data=form).status_code == 204

    def administer(self, action: str, name: str, *, by: Actor, role: Role | None = None) -> str | None:
        method, path, body = {
            "add": ("POST", "", {"name": name, "role": role and role.value}),
            "change_role": ("PATCH", f"/{name}", {"role": role and role.value}),
            "reset_password": ("POST", f"/{name}/password", {}),
            "unlock": ("POST", f"/{name}/unlock", None),
            "end_sessions": ("DELETE", f"/{name}/sessions", None),
            "remove": ("DELETE", f"/{name}", None),
        }[action]
        headers = self.headers(by) | {"If-Match": "*"}
        answer = self.client.request(method, f"/api/v1/users{path}", json=body, headers=headers)
        if answer.status_code in {403, 409}:
            return None
        assert answer.is_success, answer.text
        return str(answer.json()["password"]) if action in {"add", "reset_password"} else ""

    def headers(self, actor: Actor) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens.issue(actor).token}"}


def _answer_from_json(prediction: dict[str, Any]) -> Answer:
    return Answer(
        decision_id=UUID(prediction["decision_id"]),
        outcome=prediction["outcome"],
        confidence=prediction["confidence"],
        default_predicted=prediction["prediction"] == 1,
        pd=prediction["probability_of_default"],
        recommended=prediction["recommended_amount"],
        reasons=tuple(reason["text"] for reason in prediction["reasons"]),
        out_of_domain=tuple(msgspec.convert(prediction["out_of_domain"], list[str])),
        rule_reasons=tuple(reason["text"] for reason in prediction["rule_reasons"]),
        score_reasons=tuple(reason["text"] for reason in prediction["score_reasons"]),
        stability=prediction["outcome_stability"],
        alternative=prediction["alternative"]
        and (prediction["alternative"]["amount"], prediction["alternative"]["term"]),
        model=prediction["model_version"],
        policy=prediction["policy_version"],
        grade=prediction["grade"],
    )
