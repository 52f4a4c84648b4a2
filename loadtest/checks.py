"""Checks of answers: a load test that only counts statuses would not notice a wrong decision."""

import csv
import io
from collections.abc import Mapping
from typing import Any
from uuid import UUID

OUTCOMES = {"approved", "referred", "declined"}
_REASONED = {"declined"}


class WrongAnswer(Exception):
    """An answer with the expected status whose content is wrong."""


def check_decision(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The prediction of a new decision, with its identifier, outcome, and probability in range."""
    prediction = answer.get("prediction")
    _require(answer.get("success") is True and isinstance(prediction, dict), "no prediction")
    assert isinstance(prediction, dict)  # noqa: S101 - required above
    _check_identifier(prediction.get("decision_id"))
    outcome, risk = prediction.get("outcome"), prediction.get("probability_of_default")
    _require(outcome in OUTCOMES, f"outcome {outcome!r}")
    _require(isinstance(risk, float) and 0 < risk < 1, f"probability of default {risk!r}")
    interval = prediction.get("probability_of_default_interval") or {}
    _require(interval.get("low", 1) <= risk <= interval.get("high", 0), "probability outside of its interval")
    _require(abs(prediction.get("probability", 0) + risk - 1) < 1e-9, "the two probabilities do not add up to 1")
    _require(outcome not in _REASONED or bool(prediction.get("reasons")), "declined without a reason")
    return prediction


def check_same_decision(answer: Mapping[str, Any], first: Mapping[str, Any]) -> None:
    """A repeated request: the same decision in every field."""
    prediction = check_decision(answer)
    _require(prediction["decision_id"] == first["decision_id"], "another decision under the same key")
    _require(prediction == first, "the repeated answer differs")


def check_recorded(answer: Mapping[str, Any], first: Mapping[str, Any]) -> None:
    """A decision that is read: as it was answered."""
    recorded = answer.get("prediction") or {}
    for name in ("decision_id", "outcome", "probability_of_default", "recommended_amount", "grade"):
        _require(recorded.get(name) == first[name], f"{name} differs from the answer")


def check_list(answer: Mapping[str, Any], limit: int, outcome: str | None = None) -> None:
    """A page of decisions: not longer than asked, newest first, and only what was asked."""
    decisions = answer.get("decisions")
    _require(isinstance(decisions, list) and len(decisions) <= limit, "no page of decisions")
    assert isinstance(decisions, list)  # noqa: S101 - required above
    times = [each["timestamp"] for each in decisions]
    _require(times == sorted(times, reverse=True), "not newest first")
    found = {each["prediction"]["outcome"] for each in decisions}
    _require(outcome is None or found <= {outcome}, f"{found} in a list of {outcome}")


def check_results(text: str, rows: int) -> None:
    """Results of a batch without errors: one decision per row."""
    results = list(csv.DictReader(io.StringIO(text)))
    _require(len(results) == rows, f"{len(results)} results for {rows} rows")
    _require(len({each["decision_id"] for each in results}) == rows, "decisions are repeated")
    for each in results:
        _check_identifier(each["decision_id"])
        _require(each["outcome"] in OUTCOMES, f"outcome {each['outcome']!r}")
        _require(0 < float(each["probability_of_default"]) < 1, "probability out of range")


def check_counterfactual(answer: Mapping[str, Any]) -> None:
    """An explanation: changes of named fields."""
    found = answer.get("counterfactuals")
    _require(isinstance(found, list), "no counterfactuals")
    assert isinstance(found, list)  # noqa: S101 - required above
    _require(all(change["field"] for each in found for change in each["changes"]), "a change without a field")


def check_overview(answer: Mapping[str, Any]) -> None:
    """A summary whose outcomes add up."""
    outcomes = answer.get("outcomes") or {}
    total = sum(outcomes.values()) if isinstance(outcomes, dict) else -1
    _require(total == answer.get("decisions"), "outcomes do not add up to the decisions")


def _check_identifier(identifier: object) -> None:
    try:
        UUID(str(identifier))
    except ValueError:
        raise WrongAnswer(f"decision_id {identifier!r}") from None


def _require(holds: bool, fault: str) -> None:
    if not holds:
        raise WrongAnswer(fault)
