"""The Python client against the running service."""

import asyncio
import csv
import inspect
import re
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Unpack, get_args, get_origin, get_type_hints

import pytest

from credit_scoring_client import (
    AsyncClient,
    BatchTimeout,
    Client,
    Conflict,
    InvalidRequest,
    LoanApplication,
    LoanOutcome,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    verify_webhook,
)
from domain.access.user import Role
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.routes import openapi_document
from harness.people import PASSWORD
from support.paths import PROJECT

CSV_FILE = ",".join(EXAMPLE) + "\n" + ",".join(str(value) for value in EXAMPLE.values()) + "\n"


@pytest.fixture
def client(service):
    with Client(service.address, username="broker-portal", password=PASSWORD) as client:
        yield client


@pytest.fixture
def auditor(service):
    with Client(service.address, username="anna", password=PASSWORD) as client:
        yield client


def test_a_decision_is_requested_and_read(client):
    decision = client.predict(EXAMPLE)
    assert decision.prediction.outcome == "approved"
    recorded = client.read_decision(decision.request_id)
    assert recorded.application == LoanApplication(**EXAMPLE)
    assert recorded.requested_by == "broker-portal"
    assert decision.request_id in [each.request_id for each in client.list_decisions(limit=5).decisions]


def test_the_model_and_a_dictionary_are_the_same_application(client):
    first = client.predict(LoanApplication(**EXAMPLE), idempotency_key="the-same-application")
    assert client.predict(EXAMPLE, idempotency_key="the-same-application").request_id == first.request_id


def test_staff_reproduce_and_explain_a_decision(client, auditor):
    declined = client.predict({**EXAMPLE, "fico_range_low": 640, "fico_range_high": 644})
    assert declined.prediction.outcome == "declined"
    assert auditor.reproduce_decision(declined.request_id).identical
    assert auditor.find_counterfactual(declined.request_id).counterfactuals
    with pytest.raises(NotPermitted):
        auditor.try_what_if({"loan_amnt": 2_000.0}, decision_id=declined.request_id)
    assert auditor.read_overview(start="2026-01-01", end="2100-01-01").decisions >= 1
    assert auditor.read_overrides(start="2026-01-01", end="2100-01-01", officer="uma").total.decisions == 0
    assert auditor.read_vintages(months=12, grade="none").vintages == []
    other = auditor.read_overview(start="2026-01-01", end="2100-01-01", grade="none", compare=True)
    assert (other.decisions, other.before.decisions) == (0, 0)


def test_lists_are_followed_to_their_end(client):
    made = {client.predict(EXAMPLE).request_id for _ in range(5)}
    iterated = [each.request_id for each in client.iterate_decisions(limit=2, outcome="approved")]
    assert made <= set(iterated)
    assert len(iterated) == len(set(iterated))
    assert list(client.iterate_dead_letters(limit=1)) == []


def test_every_fault_of_an_application_is_named(client):
    with pytest.raises(InvalidRequest) as failed:
        client.predict({**EXAMPLE, "dti": -1, "term": "48 months"})
    assert failed.value.kind == "invalid-application"
    assert {error.field for error in failed.value.errors} == {"dti", "term"}
    assert failed.value.request_id
    assert "dti: " in str(failed.value)


def test_failures_have_types(service, client):
    with pytest.raises(NotFound):
        client.read_decision("01936b2e-7a00-7000-8000-000000000000")
    with pytest.raises(NotPermitted):
        client.read_overview(start="2026-01-01", end="2026-02-01")
    with pytest.raises(ValueError, match="hexadecimal UUID"):
        client.read_decision("../../health/live")
    with Client(service.address, token="wrong") as stranger, pytest.raises(NotAuthenticated):
        stranger.list_decisions()
    with Client(service.address, username="broker-portal", password="wrong") as stranger:
        with pytest.raises(NotAuthenticated) as failed:
            stranger.list_decisions()
        assert failed.value.kind == "wrong-credentials"


def test_health_needs_no_credentials(service):
    with Client(service.address, token="none") as anyone:
        assert anyone.live().status == "alive"
        assert anyone.ready().status == "ready"


def test_a_password_is_changed_and_a_token_issued(service):
    service.add_user("changing", Role.SERVICE)
    with Client(service.address, username="changing", password=PASSWORD) as client:
        client.change_password("changing", PASSWORD, "another long pass phrase 1")
        assert client.issue_token("changing", "another long pass phrase 1").expires_in > 0


@pytest.fixture(scope="module")
def administrator(service):
    service.add_user("olga", Role.ADMIN)
    return "olga"


def test_users_are_managed(service, administrator):
    name = "Zoë 50%41"
    with Client(service.address, username=administrator, password=PASSWORD) as client:
        added = client.add_user(name, "auditor", must_change_password=False)
        assert (added.name, added.must_change_password) == (name, False)
        with pytest.raises(Conflict):
            client.add_user(name, "auditor")
        read = client.read_user(name)
        assert read in client.list_users().users
        changed = client.change_user(name, "risk manager", if_match=read.etag)
        assert changed.role == "risk manager"
        with pytest.raises(Conflict) as failed:
            client.remove_user(name, if_match=read.etag)
        assert failed.value.status == 412
        assert client.issue_token(name, added.password).access_token
        reset = client.reset_password(name)
        assert reset.must_change_password
        assert reset.password != added.password
        client.unlock_user(name)
        assert client.list_sessions(name).sessions == []
        client.end_sessions(name)
        with pytest.raises(NotFound):
            client.end_session(name, "00" * 16)
        client.remove_user(name, if_match="*")
        with pytest.raises(NotFound):
            client.read_user(name)


async def test_users_are_managed_asynchronously(service, administrator):
    async with AsyncClient(service.address, username=administrator, password=PASSWORD) as client:
        await client.add_user("Yves", "service")
        user = await client.change_user("Yves", "loan officer", if_match=(await client.read_user("Yves")).etag)
        await client.remove_user("Yves", if_match=user.etag)
        assert "Yves" not in [each.name for each in (await client.list_users()).users]


@pytest.mark.parametrize("name", ["", ".", "..", "anna/sessions"])
def test_the_path_of_a_user_is_never_that_of_something_else(name):
    with Client("http://127.0.0.1:1", token="none") as client, pytest.raises(ValueError, match="not a username"):
        client.remove_user(name, if_match="*")


@pytest.mark.parametrize("session_id", ["", " ", "..", "no number"])
def test_one_session_is_never_all_of_them(session_id):
    with Client("http://127.0.0.1:1", token="none") as client, pytest.raises(ValueError, match="hexadecimal"):
        client.end_session("anna", session_id)


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["Scoring-Signature"]))
        self.send_response(204)
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        server.received, server.arrived = [], threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_batch_is_followed_to_its_results_and_webhook(client, receiver, tmp_path):
    file = tmp_path / "loans.csv"
    file.write_text(CSV_FILE + CSV_FILE.splitlines()[1].replace("36 months", "never") + "\n")
    batch = client.submit_batch(file, webhook_url=f"http://127.0.0.1:{receiver.server_port}/")
    assert batch.name == "loans.csv"
    done = client.wait_for_batch(batch.batch_id, timeout=60, interval=0.1)
    assert (done.state, done.progress.approved, done.progress.rows_refused) == ("done", 1, 1)
    client.read_batch_results(batch.batch_id, tmp_path / "results.csv")
    client.read_batch_errors(batch.batch_id, tmp_path / "errors.csv")
    with (tmp_path / "results.csv").open() as results:
        assert [row["outcome"] for row in csv.DictReader(results)] == ["approved"]
    assert "never" in (tmp_path / "errors.csv").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["errors.csv", "loans.csv", "results.csv"]
    with pytest.raises(Conflict):
        client.cancel_batch(batch.batch_id)
    assert batch.batch_id in [each.batch_id for each in client.iterate_batches(limit=1)]
    assert receiver.arrived.wait(30)
    body, signature = receiver.received[0]
    event = verify_webhook(body, signature, client.read_webhook_secret().secret)
    assert (event.event, event.batch.batch_id, event.batch.approved) == ("batch.done", batch.batch_id, 1)


def test_references_are_sent_found_and_repeated(client):
    given = {"application_reference": "LN-7 / 1", "metadata": {"branch": 3}}
    answer = client.predict(dict(EXAMPLE) | given)
    assert answer.identity.application_reference == "LN-7 / 1"
    (found,) = client.list_decisions(application_reference="LN-7 / 1", trial=False, sort="oldest").decisions
    assert (found.application.metadata, found.received_through, found.trial) == ({"branch": 3}, "api", False)
    batch = client.submit_batch(CSV_FILE.encode(), name="trial", keep=["purpose", "term"], trial=True)
    assert (batch.keep, batch.trial) == (["purpose", "term"], True)
    assert client.wait_for_batch(batch.batch_id, timeout=60, interval=0.1).state == "done"
    assert [each.trial for each in client.iterate_decisions(trial=True, received_through="batch")] == [True]


def test_outcomes_of_loans_are_recorded_and_imported(client, tmp_path):
    application = client.predict({**EXAMPLE, "application_reference": "LN-8/2"}).request_id
    body = LoanOutcome(status="performing", as_of=date(2024, 6, 30), booked_on=date(2024, 1, 15), paid=900.5)
    with pytest.raises(Conflict) as failed:
        client.record_loan_outcome(application, body)
    assert failed.value.kind == "not-accepted"
    client.accept_offer(application)
    recorded = client.record_loan_outcome(application, body, idempotency_key="june")
    assert (recorded.repeated, recorded.outcome.paid, recorded.loan.label) == (False, 900.5, "immature")
    assert client.read_loan(application) == recorded.loan
    wrong = LoanOutcome(status="paid", as_of=date(2024, 7, 31))
    with pytest.raises(Conflict) as failed:
        client.record_loan_outcome(application, wrong, if_match='"0"')
    assert (failed.value.status, failed.value.kind) == (412, "loan-changed")

    file = tmp_path / "july.csv"
    file.write_text("application_reference,status\nLN-8/2,paid\n")
    submitted = client.submit_outcome_import(file, as_of=date(2024, 7, 31))
    assert (submitted.name, submitted.as_of) == ("july.csv", date(2024, 7, 31))
    assert client.read_outcome_import(submitted.import_id).sha256 == submitted.sha256
    assert [each.import_id for each in client.list_outcome_imports(limit=1).imports] == [submitted.import_id]
    client.read_outcome_import_errors(submitted.import_id, tmp_path / "errors.csv")
    assert (tmp_path / "errors.csv").read_text() == "row,line,reference,field,value,why\n"


def test_an_application_is_accepted_or_withdrawn(client):
    accepted = client.predict({**EXAMPLE, "application_reference": "LN-8/1"}).request_id
    withdrawn = client.predict(EXAMPLE).request_id
    read = client.read_application(accepted)
    assert (read.state, read.offer.amount) == ("approved", EXAMPLE["loan_amnt"])
    done = client.accept_offer(accepted, 5000, if_match=read.etag, idempotency_key="LN-8/1-accepted")
    assert (done.state, done.acceptance.amount) == ("accepted", 5000.0)
    with pytest.raises(Conflict) as failed:
        client.withdraw_application(accepted, "no_longer_needed", if_match=read.etag)
    assert (failed.value.status, failed.value.kind) == (412, "application-changed")
    with pytest.raises(Conflict) as failed:
        client.withdraw_application(accepted, "no_longer_needed")
    assert (failed.value.status, failed.value.kind) == (409, "already-accepted")
    assert client.withdraw_application(withdrawn, "other", "moved abroad").withdrawal.text == "moved abroad"
    referred = client.predict({**EXAMPLE, "pub_rec": 3})
    assert referred.prediction.outcome == "referred"
    ended = client.withdraw_application(referred.request_id, "duplicate")
    assert (ended.withdrawal.withdrawn_from, ended.cases[0].state) == ("referred", "withdrawn")
    (found,) = client.list_applications(reference="LN-8/1", state="accepted").applications
    assert found.application_id == accepted
    assert withdrawn in [each.application_id for each in client.iterate_applications(state="withdrawn", limit=1)]


def test_a_referral_case_is_worked(service, client):
    service.add_user("ursula", Role.UNDERWRITER)
    service.add_user("sara", Role.SENIOR_UNDERWRITER)
    decision = client.predict({**EXAMPLE, "revol_util": 82.0})
    assert decision.prediction.outcome == "referred"
    with Client(service.address, username="ursula", password=PASSWORD) as ursula:
        (waiting,) = ursula.list_cases(state="open", reason=decision.prediction.reasons[0].code).cases
        assert waiting.case_id == decision.request_id
        held = ursula.claim_next_case(idempotency_key="the-first-case")
        assert (held.case_id, held.assignee, held.state) == (waiting.case_id, "ursula", "assigned")
        assert ursula.claim_next_case(idempotency_key="the-first-case") == held
        assert ursula.claim_next_case() is None
        with pytest.raises(Conflict) as failed:
            ursula.claim_case(held.case_id, if_match=waiting.etag)
        assert (failed.value.status, failed.value.kind) == (412, "case-changed")
        noted = ursula.add_case_note(held.case_id, "Called.", if_match=held.etag)
        assert ursula.renew_lease(held.case_id).version == noted.version
        asked = ursula.request_information(held.case_id, "Pay slips?", if_match=noted.etag)
        assert asked.state == "awaiting_applicant"
        assert [each.case_id for each in ursula.iterate_cases(mine=True, limit=1)] == [held.case_id]
        answered = ursula.answer_information_request(held.case_id, "Two pay slips.", if_match=asked.etag)
        assert answered.due_at > held.due_at
        with Client(service.address, username="sara", password=PASSWORD) as sara:
            moved = sara.reassign_case(held.case_id, "sara", if_match=answered.etag)
            assert sara.release_case(held.case_id, if_match=moved.etag).state == "open"
        detail = ursula.read_case(held.case_id)
    assert (detail.case.version, detail.decision.request_id) == (6, held.case_id)
    assert [each.action for each in detail.actions][:2] == ["case claimed", "case note added"]
    assert detail.actions[1].details == {"text": "Called."}


def test_a_referral_case_is_resolved_by_two_people(service, client):
    service.add_user("uwe", Role.UNDERWRITER)
    service.add_user("sonja", Role.SENIOR_UNDERWRITER)
    referred = client.predict({**EXAMPLE, "revol_util": 60.0}).request_id
    with (
        Client(service.address, username="uwe", password=PASSWORD) as uwe,
        Client(service.address, username="sonja", password=PASSWORD) as sonja,
    ):
        held = uwe.claim_case(referred, if_match='"0"')
        offer = uwe.preview_counter_offer(referred, 5000, 36)
        assert (offer.loan.amount, offer.second_person) == (5000.0, [])
        with pytest.raises(InvalidRequest) as refused:
            uwe.preview_counter_offer(referred, 9999, 36)
        assert refused.value.kind == "counter-offer-not-approved"
        proposed = uwe.resolve_case(
            referred,
            outcome="approved",
            reason="COMPENSATING_FACTORS",
            text="Savings.",
            conditions=["Pay off the card"],
            documents=[{"type": "payslip", "date": "2026-11-01", "sha256": "9f" * 32}],
            if_match=held.etag,
        )
        assert (proposed.state, proposed.proposed_by) == ("awaiting_second_approval", "uwe")
        taken = sonja.claim_case(referred, if_match=proposed.etag)
        resolved = sonja.give_second_approval(referred, approve=True, text="Yes.", if_match=taken.etag)
        assert resolved.state == "resolved"
        met = uwe.change_condition(referred, 1, state="met", if_match=resolved.etag)
        detail = sonja.read_case(referred)
        assert (detail.final_decision.maker, detail.final_decision.checker) == ("uwe", "sonja")
        assert (detail.final_decision.override, detail.conditions[0].state) == ("low_side", "met")
        assert (detail.decision.final_outcome, detail.case.version) == ("approved", met.version)
        review = sonja.open_review(referred, "The applicant lost the job.", idempotency_key="review-1")
        held = uwe.claim_case(review.case_id, if_match=review.etag)
        declined = uwe.resolve_case(
            review.case_id, outcome="declined", reason="OTHER", text="No income.", if_match=held.etag
        )
        assert declined.state == "resolved"
        again = uwe.read_case(review.case_id).final_decision  # a waiting quality review hides it from sonja
        assert (again.number, again.previous) == (2, detail.final_decision.final_decision_id)
        assert sonja.list_quality_reviews(state="disagreed").reviews == []
    assert client.read_decision(referred).final_outcome == "declined"


def test_waiting_for_a_batch_ends_in_time(client):
    batch = client.submit_batch(CSV_FILE.encode(), name="waiting")
    with pytest.raises(BatchTimeout, match=batch.batch_id):
        client.wait_for_batch(batch.batch_id, timeout=0, interval=60)
    client.wait_for_batch(batch.batch_id, timeout=60, interval=0.1)


async def test_the_asynchronous_client_does_the_same(service, tmp_path):
    file = tmp_path / "loans.csv"
    file.write_text(CSV_FILE)
    async with AsyncClient(service.address, username="broker-portal", password=PASSWORD) as client:
        decisions = await asyncio.gather(*[client.predict(EXAMPLE) for _ in range(5)])
        iterated = {each.request_id async for each in client.iterate_decisions(limit=2)}
        assert {each.request_id for each in decisions} <= iterated
        batch = await client.submit_batch(file)
        done = await client.wait_for_batch(batch.batch_id, timeout=60, interval=0.1)
        assert done.progress.approved == 1
        await client.read_batch_results(batch.batch_id, tmp_path / "results.csv")
        assert "approved" in (tmp_path / "results.csv").read_text()
        with pytest.raises(InvalidRequest):
            await client.predict({**EXAMPLE, "dti": -1})


def operations():
    for path in openapi_document("1", PERSONAL_LOAN)["paths"].values():
        for operation in path.values():
            yield re.sub(r"(?<!^)(?=[A-Z])", "_", operation["operationId"]).lower(), operation


def parameters_of(method):
    names = set()
    for name, hint in get_type_hints(method).items():
        names |= set(get_args(hint)[0].__annotations__) if get_origin(hint) is Unpack else {name}
    return names


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("name", "operation"), list(operations()), ids=lambda each: each if isinstance(each, str) else ""
)
def test_every_operation_and_parameter_has_its_place(kind, name, operation):
    renamed = {"Idempotency-Key": "idempotency_key", "If-Match": "if_match", "from": "start", "to": "end"}
    left_out = {"X-Request-ID", "before"}  # logs of callers; a spelling of `cursor`
    given = {renamed.get(each["name"], each["name"]) for each in operation.get("parameters", [])}
    assert given - left_out <= parameters_of(getattr(kind, name))


def test_both_clients_have_the_same_methods():
    def methods(kind):
        return {
            name: [(each.name, each.kind, each.default) for each in inspect.signature(method).parameters.values()]
            for name, method in vars(kind).items()
            if inspect.isfunction(method) and not name.startswith("_")
        }

    assert methods(Client) == methods(AsyncClient)


def test_the_examples_of_the_readme_run(service, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    service.add_user("maria", Role.ADMIN)
    service.add_user("uma", Role.UNDERWRITER)
    (tmp_path / "loans.csv").write_text(CSV_FILE)
    text = (PROJECT / "clients" / "python" / "README.md").read_text()
    names = {"address": service.address, "password": PASSWORD, "staff": False, "certificate_authority": None}
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 9
    for example in examples:
        exec(compile(example, "README.md", "exec"), names)  # noqa: S102 - our own documentation
    assert "approved" in capsys.readouterr().out
    assert len(names["decisions"]) == 2
