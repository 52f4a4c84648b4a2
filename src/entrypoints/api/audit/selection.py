"""The selection of decisions in the body of a request for evidence."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Literal, get_type_hints
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from application.ports.decisions.decision_archive import DecisionFilter, FinalOutcomeFilter
from application.use_cases.audit.export_evidence import EvidenceSelection
from domain.audit.evidence import MAX_DECISIONS
from domain.policies.outcome import Outcome
from domain.products.close_match import did_you_mean
from entrypoints.api.http.problems import FieldError, invalid, malformed, shown_text
from entrypoints.api.http.query import Moment
from entrypoints.api.http.strict_json import Members, read_json

LARGEST_BODY = 64 * 1024
IDENTIFIERS = "decision_ids"
_TYPES = get_type_hints(DecisionFilter)
_CRITERIA = {each.name: _TYPES[each.name] for each in fields(DecisionFilter) if each.name != "sort"}
_TIMES = {"since", "until"}
_OUTCOME = Literal[tuple(outcome.value for outcome in Outcome)]  # type: ignore[valid-type] # mypy wants literals
_FINAL_OUTCOME = Literal[tuple(outcome.value for outcome in FinalOutcomeFilter)]  # type: ignore[valid-type] # as above
_DESCRIBED: dict[str, Any] = {"outcome": _OUTCOME | None, "final_outcome": _FINAL_OUTCOME | None}
"""An enumeration of the domain would replace the one that Litestar describes for query parameters."""

EvidenceSelectionBody = msgspec.defstruct(
    "EvidenceSelectionBody",
    [(IDENTIFIERS, list[UUID] | UnsetType, UNSET)]
    + [(name, _DESCRIBED.get(name, kind) | UnsetType, UNSET) for name, kind in _CRITERIA.items()],
    forbid_unknown_fields=True,
    namespace={
        "__doc__": f"Which decisions to export, at most {MAX_DECISIONS:,}: those with the identifiers in "
        "`decision_ids`, or else those that match every filter. The filters are the parameters of "
        "`GET /api/v1/decisions`."
    },
)
"""Described in the OpenAPI document; its fields are those of DecisionFilter."""


def read_selection(body: bytes) -> EvidenceSelection:
    """The selection in a body; raises RequestRejected with every error."""
    members = read_json(body)
    if not isinstance(members, Members):
        raise malformed('The body must be a JSON object, such as {"outcome": "declined"}.')
    values: dict[str, Any] = {}
    errors = [*_errors(members, values)]
    if not errors and values.get(IDENTIFIERS) is not None and len(values) > 1:
        errors = [FieldError(IDENTIFIERS, "cannot be combined with filters")]
    if errors:
        raise invalid("invalid-selection", "Invalid selection", errors)
    identifiers = tuple(values.pop(IDENTIFIERS, None) or ())
    return EvidenceSelection(DecisionFilter(**values), identifiers)


def _errors(members: Members, values: dict[str, Any]) -> Iterator[FieldError]:
    """The errors of the members; valid values are added to `values`."""
    given = Counter(name for name, _ in members.pairs)
    for name, value in dict(members.pairs).items():
        if name not in {IDENTIFIERS, *_CRITERIA}:
            hint = did_you_mean(name, (IDENTIFIERS, *_CRITERIA))
            yield FieldError(shown_text(name), f"is not a field{hint}")
        elif given[name] > 1:
            yield FieldError(name, "is given more than once")
        elif name == IDENTIFIERS and not value:
            yield FieldError(name, "is empty", "at least one identifier, or leave it out")
        else:
            try:
                values[name] = _read(name, value)
            except (msgspec.ValidationError, ValueError) as fault:
                yield FieldError(name, f"cannot be read: {shown_text(str(fault))}")


def _read(name: str, value: Any) -> Any:
    if name == IDENTIFIERS:
        return msgspec.convert(value, list[UUID])
    if name in _TIMES and value is not None:
        return Moment(msgspec.convert(value, str)).utc
    return msgspec.convert(value, _CRITERIA[name])
