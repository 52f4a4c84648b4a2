"""Callers' own data: sent with an application, returned with the decision, and stored."""

import json
from typing import Any
from uuid import uuid4

import pytest

from domain.access.user import Role
from domain.applications.application_identity import NO_IDENTITY
from domain.applications.synthetic import RESERVED, SYNTHETIC_SOURCE
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from entrypoints.api.decisions.decoding import ApplicationDecoder
from entrypoints.api.http.problems import RequestRejected

READ = ApplicationDecoder(PERSONAL_LOAN)
GIVEN: dict[str, Any] = {
    "application_reference": "LN-0001",
    "applicant_reference": "C 4711",
    "source": "los",
    "channel": "broker",
    "metadata": {"branch": "Łódź", "priority": 2, "share": 0.5, "renewal": True, "campaign": None},
}


def body(*pairs: tuple[str, Any]) -> bytes:
    members = [*EXAMPLE.items(), *pairs]
    return f"{{{', '.join(f'{json.dumps(name)}: {json.dumps(value)}' for name, value in members)}}}".encode()


def errors_of(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises(RequestRejected) as refused:
        READ(content)
    errors: Any = refused.value.problem.errors
    return [(error.field, error.problem) for error in errors]


def test_a_decision_repeats_the_callers_data(service):
    answer = service.ask(**GIVEN).json()
    assert answer["identity"] == GIVEN
    found = service.get(f"/api/v1/decisions/{answer['request_id']}").json()
    assert found["application"] == EXAMPLE | GIVEN
    assert (found["channel"], found["received_through"], found["trial"]) == ("api", "api", False)


def test_a_decision_without_the_callers_data_says_nothing_about_it(service):
    answer = service.ask().json()
    assert "identity" not in answer
    assert service.get(f"/api/v1/decisions/{answer['request_id']}").json()["application"] == EXAMPLE


def test_the_callers_data_changes_no_figure(service):
    without, given = service.ask().json()["prediction"], service.ask(**GIVEN).json()["prediction"]
    assert without | {"decision_id": ""} == given | {"decision_id": ""}


@pytest.fixture
def thorough(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that were read field by field."""
    read: list[bytes] = []
    original = ApplicationDecoder.read_thoroughly

    def counted(self: ApplicationDecoder, content: bytes) -> Any:
        read.append(content)
        return original(self, content)

    monkeypatch.setattr(ApplicationDecoder, "read_thoroughly", counted)
    return read


@pytest.mark.parametrize("name", GIVEN)
def test_usual_bodies_are_decoded_once(name: str, thorough: list[bytes]) -> None:
    assert READ(body((name, GIVEN[name])))[1].given() == {name: GIVEN[name]}
    assert READ(body(*GIVEN.items()))[1].given() == GIVEN
    assert READ(body((name, None)))[1] == NO_IDENTITY
    assert READ(body())[1] is NO_IDENTITY
    assert thorough == []


def test_the_source_of_synthetic_applications_is_refused(service) -> None:
    answer = service.ask(source=SYNTHETIC_SOURCE)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["value"]) == ("source", SYNTHETIC_SOURCE)
    assert "scoring demo" in error["problem"]
    assert errors_of(body(("source", SYNTHETIC_SOURCE.upper()), ("channel", "x" * 65))) == [
        ("channel", "is longer than 64 characters"),
        ("source", RESERVED),
    ]
    superseding = READ(
        body(("source", SYNTHETIC_SOURCE), ("supersedes", str(uuid4())), ("supersedes_reason", "correction"))
    )
    assert superseding.identity.source == SYNTHETIC_SOURCE


@pytest.mark.parametrize("text", ['say "yes"', 'a " b " c', '"'])
def test_quotation_marks_are_kept(text: str) -> None:
    for escaped in (json.dumps(text), json.dumps(text).replace('\\"', "\\u0022")):
        content = (
            body().decode().removesuffix("}") + f', "source": {escaped}, "metadata": {{{escaped}: {escaped}}}}}'
        )
        assert READ(content.encode())[1].given() == {"source": text, "metadata": {text: text}}


@pytest.mark.parametrize("first", ["LN-0001", None, "other", 'say "no"'])
@pytest.mark.parametrize("last", ["LN-0001", None, 'say "no"'])
def test_a_repeated_reference_is_found(first: Any, last: Any) -> None:
    found = errors_of(body(("application_reference", first), ("application_reference", last)))
    assert found == [("application_reference", "is given more than once")]


@pytest.mark.parametrize("pairs", ['"a": 1, "a": 2', '"a": "x", "b": 1, "a": null', '"a": null, "\\u0061": "y"'])
def test_repeated_metadata_is_found(pairs: str) -> None:
    content = body().decode().removesuffix("}") + f', "metadata": {{{pairs}}}}}'
    assert errors_of(content.encode()) == [("metadata", "has a more than once")]


def test_every_fault_is_named() -> None:
    pairs = [("source", "x" * 65), ("metadata", {"a": {"b": 1}}), ("applicant_reference", 17), ("dti", True)]
    members = [*(pair for pair in EXAMPLE.items() if pair[0] != "dti"), *pairs]
    content = json.dumps(dict(members)).encode()
    assert errors_of(content) == [
        ("dti", "is true or false, not a number"),
        ("applicant_reference", "is not text"),
        ("source", "is longer than 64 characters"),
        ("metadata", "has neither text, a number, true, false nor null at 'a'"),
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("application_id", "application_reference"),
        ("loan_number", "application_reference"),
        ("customer_id", "applicant_reference"),
        ("applicant_referense", "applicant_reference"),
    ],
)
def test_usual_names_of_references_lead_to_ours(name: str, meant: str) -> None:
    problem = f"is not a field of a loan application; did you mean {meant}?"
    assert errors_of(body((name, "LN-0001"))) == [(name, problem)]


def test_a_key_stands_for_the_application_with_its_reference(service):
    def ask(given: dict[str, Any]) -> Any:
        headers = service.as_(Role.SERVICE) | {"Idempotency-Key": "k-1"}
        return service.client.post("/api/v1/predictions", json=EXAMPLE | given, headers=headers)

    first, again = ask(GIVEN), ask(GIVEN)
    assert again.json()["request_id"] == first.json()["request_id"]
    assert again.json()["identity"] == GIVEN
    for other in ({}, GIVEN | {"application_reference": "LN-0002"}, GIVEN | {"metadata": {}}):
        assert ask(other).status_code == 422


def test_the_answer_repeats_only_what_was_given(service):
    assert service.ask(source="los", channel=None).json()["identity"] == {"source": "los"}
