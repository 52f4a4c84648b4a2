"""Applications decided before products were data are decided the same, to the last bit.

The sample was written by the code before: for each application the prediction and decision of its document, and
for some the counterfactuals. Its reference profile is given, because another bundle of the same trees may have
another.
"""

import gzip
import json
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from adapters.persistence.decisions.decision_rows import DOCUMENT_PATHS, audited_document, search_values
from adapters.persistence.decisions.documents import decode
from adapters.scoring.bundles.bundle import parse_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from domain.decisions.counterfactual import CounterfactualContext, find_counterfactual
from domain.decisions.decision import decide
from domain.decisions.decision_record import DecisionRecord
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.api.decisions.decoding import ApplicationDecoder
from support.builders import before_schema_3
from support.other_models import champion_of_layout_1

SAMPLE = Path(__file__).parent / "samples" / "decisions-of-0.1.jsonl.gz"
DOCUMENTS = SAMPLE.with_name("documents-of-0.1.txt.gz")


@cache
def sample() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head, *decided = map(json.loads, gzip.decompress(SAMPLE.read_bytes()).decode().splitlines())
    return head, decided


@cache
def model() -> TableCreditModel:
    """The champion of that time."""
    return TableCreditModel(parse_bundle(champion_of_layout_1(), "champion 1.0.1", PERSONAL_LOAN))


def application_of(body: dict[str, Any]):
    return ApplicationDecoder(PERSONAL_LOAN)(json.dumps(body).encode())[0]


def test_the_policy_has_the_same_document_and_fingerprint():
    head, _ = sample()
    assert POLICY_1.document == head["policy_document"]
    assert POLICY_1.fingerprint == head["policy"]


def test_predictions_and_decisions_are_the_same_to_the_last_bit():
    head, decided = sample()
    assert len(decided) > 300
    for each in decided:
        inputs = PERSONAL_LOAN.characteristics_of(application_of(each["body"]))
        prediction = model().predict(inputs)
        decision = decide(
            POLICY_1, inputs, prediction, reference=head["reference"], risk_by_amount=model().risk_by_amount
        )
        assert json.loads(msgspec.json.encode(prediction)).items() >= each["prediction"].items()
        assert json.loads(msgspec.json.encode(decision)).items() >= each["decision"].items()
        assert (decision.outcome_stability, decision.alternative) == (None, None)


def test_counterfactuals_are_the_same():
    head, decided = sample()
    context = CounterfactualContext(POLICY_1, model().predict, model().risk_by_amount, head["reference"])
    explained = [each for each in decided if "counterfactuals" in each]
    assert len(explained) > 50
    for each in explained:
        found = find_counterfactual(application_of(each["body"]), context)
        assert [
            {
                "changes": [[change.name, change.given, change.instead] for change in one.changes],
                "pd": one.pd,
                "grade": one.grade,
                "annual_rate": one.annual_rate,
                "instalment": one.instalment.cents,
            }
            for one in found
        ] == each["counterfactuals"]


def test_documents_of_the_code_before_are_read_and_decided_again_to_the_last_bit():
    head, decided = sample()
    documents = gzip.decompress(DOCUMENTS.read_bytes()).decode().splitlines()
    assert len(documents) > 10
    for document in documents:
        content = json.loads(document)
        record = decode(document, UUID(content["decision_id"]))
        each = decided[record.decision_id.int - 1]
        assert record.application == application_of(each["body"])
        assert (record.policy_fingerprint, record.product_fingerprint) == (head["policy"], "")
        inputs = PERSONAL_LOAN.characteristics_of(record.application)
        prediction = model().predict(inputs)
        decision = decide(
            POLICY_1, inputs, prediction, reference=head["reference"], risk_by_amount=model().risk_by_amount
        )
        assert record == before_schema_3(replace(record, prediction=prediction, decision=decision))
        assert audited_document({"document": document, **columns_of(record)}) == document.encode()


def columns_of(record: DecisionRecord) -> dict[str, Any]:
    """The columns beside a document, as the database returns them."""
    (values,) = json.loads(search_values([record]))
    return {
        name: Decimal(values[name]).scaleb(-2) if path[-1] == "cents" else values.get(name)
        for name, path in DOCUMENT_PATHS.items()
    }
