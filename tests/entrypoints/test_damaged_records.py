"""A record with any of its values damaged is unreadable, or can be shown and listed: no page fails."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest

from adapters.persistence.decisions.documents import decode
from domain.access.user import Actor, Role
from domain.decisions.product_fit import misfit
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from domain.stored_document import UnreadableDocument
from entrypoints.api.decisions.presenters import recorded_decision
from entrypoints.ui.decisions.decision_list import decision_row
from entrypoints.ui.decisions.decision_view import decision_view
from support.builders import a_decision_record
from support.paths import PROJECT

DECISION_ID = UUID("7b0c43a4-7d3e-7c7b-8a53-0d6a3a5f2b11")
AUDITOR = Actor("arthur", Role.AUDITOR)
REMOVED = object()
VALUES = (REMOVED, None, True, -1, 10**30, 1e308, "", "x", "\0", [], {}, [None], {"a": 1}, 0.5)


def places(content: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value in a document."""
    items = (
        content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    )
    for key, value in items:
        yield (*place, key)
        yield from places(value, (*place, key))


def damaged(document: str) -> Iterator[str]:
    """The document with one value removed or replaced, for every value."""
    content = json.loads(document)
    for *path, last in places(content):
        for value in VALUES:
            changed = deepcopy(content)
            parent = changed
            for step in path:
                parent = parent[step]
            if value is REMOVED:
                del parent[last]
            else:
                parent[last] = value
            yield json.dumps(changed)


@pytest.mark.parametrize("schema", [1, 2])
def test_no_damaged_value_fails_a_page(schema: int) -> None:
    sample = PROJECT / "tests" / "upgrades" / "documents" / f"decision-{schema}.json"
    shown = unreadable = 0
    for document in damaged(sample.read_text()):
        try:
            record = decode(document, DECISION_ID)
        except UnreadableDocument:
            unreadable += 1
            continue
        if misfit(record, PERSONAL_LOAN):
            unreadable += 1
            continue
        msgspec.json.encode(recorded_decision(record, AUDITOR, PERSONAL_LOAN))
        decision_row((record, PERSONAL_LOAN))
        decision_view(record, POLICY_3, PERSONAL_LOAN)
        shown += 1
    assert shown > 100
    assert unreadable > 500


def test_the_reason_names_what_does_not_fit() -> None:
    record = a_decision_record()
    assert misfit(record, PERSONAL_LOAN) == ""
    application, prediction = record.application, record.prediction
    for changed, problem in (
        (
            replace(record, application=replace(application, applicant={"age": 40})),
            "its application does not have the fields of personal_loan 1: age, annual_inc, ",
        ),
        (
            replace(record, application=replace(application, applicant={**application.applicant, "dti": "much"})),
            "its application has a value in dti that personal_loan 1 does not allow",
        ),
        (
            replace(record, application=replace(application, terms=replace(application.terms, term=13))),
            "its term is none of personal_loan 1",
        ),
        (
            replace(record, application=replace(application, terms=replace(application.terms, purpose=None))),
            "its loan purpose is none of personal_loan 1",
        ),
        (
            replace(record, prediction=replace(prediction, contributions=())),
            "its contributions are not those of the characteristics of personal_loan 1",
        ),
        (
            replace(record, prediction=replace(prediction, out_of_domain=("age",))),
            "it marks values as unusual that are not characteristics of personal_loan 1",
        ),
    ):
        assert misfit(changed, PERSONAL_LOAN).startswith(problem)
