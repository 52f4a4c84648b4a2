"""Which decisions a caller wants: the query string of GET /api/v1/decisions, every fault named."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, urlencode

from application.ports.decisions.decision_archive import DecisionFilter
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE
from domain.policies.outcome import Outcome
from entrypoints.api.decisions.application_errors import did_you_mean, shown_text
from entrypoints.api.http.problems import FieldError, invalid

LONGEST_TEXT = 200
USUAL_LIMIT = 50
_MOST_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query: how it is read (ValueError: it cannot be), what is allowed, its JSON schema."""

    name: str
    read: Callable[[str], Any]
    allowed: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionQuery:
    """A filter, how many decisions a page has, and from where on."""

    wanted: DecisionFilter
    limit: int
    cursor: str | None
    parameters: tuple[tuple[str, str], ...]

    def next_page(self, path: str, cursor: str) -> str:
        """The address, relative to the host, of the page that starts at a cursor."""
        kept = [(name, value) for name, value in self.parameters if name != "cursor"]
        return f"{path}?{urlencode([*kept, ('cursor', cursor)])}"


def moment_of(text: str) -> datetime:
    """A moment in UTC, from ISO 8601."""
    # A plus sign in a query string stands for a space: take "2024-01-01T00:00:00 01:00" as it was meant.
    moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _amount(text: str) -> float:
    amount = float(text)
    if not isfinite(amount) or amount < 0:
        raise ValueError(text)
    return amount


def text_of(text: str) -> str:
    """A short printable text."""
    if not text or len(text) > LONGEST_TEXT or not text.isprintable():
        raise ValueError(text)
    return text


def _limit(text: str) -> int:
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 1 <= limit <= MAX_PAGE_SIZE:
        raise ValueError(text)
    return limit


_WORDS = f"1 to {LONGEST_TEXT} printable characters"
MOMENT = "an ISO 8601 date or time, in UTC where it names no zone"
_WORDS_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
MOMENT_SCHEMA = {"type": "string", "format": "date-time"}
_AMOUNT_SCHEMA = {"type": "number", "minimum": 0}

LIMIT = Parameter(
    "limit",
    _limit,
    f"a whole number from 1 to {MAX_PAGE_SIZE}; {USUAL_LIMIT} unless given",
    {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": USUAL_LIMIT},
)
PARAMETERS = (
    Parameter(
        "outcome",
        Outcome,
        "one of " + ", ".join(outcome.value for outcome in Outcome),
        {"type": "string", "enum": [outcome.value for outcome in Outcome]},
    ),
    Parameter("since", moment_of, f"{MOMENT}; inclusive", MOMENT_SCHEMA),
    Parameter("until", moment_of, f"{MOMENT}; exclusive", MOMENT_SCHEMA),
    Parameter("minimum_amount", _amount, "dollars asked for, 0 or more", _AMOUNT_SCHEMA),
    Parameter("maximum_amount", _amount, "dollars asked for, 0 or more", _AMOUNT_SCHEMA),
    Parameter("grade", text_of, _WORDS, _WORDS_SCHEMA),
    Parameter("requested_by", text_of, f"the name of who asked, {_WORDS}", _WORDS_SCHEMA),
    Parameter(
        "text",
        text_of,
        f"the start of a decision's identifier, or part of who asked or of the purpose, {_WORDS}",
        _WORDS_SCHEMA,
    ),
    LIMIT,
    Parameter("cursor", text_of, "a next_cursor from an answer to the same filters", _WORDS_SCHEMA),
)


def read_query(query_string: bytes) -> DecisionQuery:
    """The query; raises a refusal with status 400 that names every fault."""
    read, pairs = read_parameters(query_string, PARAMETERS, together=_crossed)
    limit = read.pop("limit", USUAL_LIMIT)
    cursor = read.pop("cursor", None)
    return DecisionQuery(DecisionFilter(**read), limit, cursor, tuple(pairs))


def _crossed(read: Mapping[str, Any]) -> Iterator[FieldError]:
    """What ends before it begins, and would find nothing."""
    for lower, upper, less, more in (
        ("since", "until", "before", "later"),
        ("minimum_amount", "maximum_amount", "below", "more"),
    ):
        low, high = read.get(lower), read.get(upper)
        if low is not None and high is not None and high < low:
            low, high = (each.isoformat() if isinstance(each, datetime) else each for each in (low, high))
            yield FieldError(upper, f"is {less} {lower}, which is {low}", f"{lower} or {more}", high)


def read_parameters(
    query_string: bytes,
    parameters: Sequence[Parameter],
    together: Callable[[Mapping[str, Any]], Iterable[FieldError]] = lambda _: (),
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What each parameter says, by name, and the pairs as they stand; raises a refusal that names every fault.

    `together` tells what is wrong with parameters beside one another, each of which is right.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    try:
        pairs = parse_qsl(query_string.decode("latin-1"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise invalid_query(
            [FieldError("", "there are too many parameters", f"at most {_MOST_PARAMETERS}")]
        ) from None
    read: dict[str, Any] = {}
    found = [_read_one(name, value, read, by_name) for name, value in pairs]
    faults = [*(fault for fault in found if fault is not None), *together(read)]
    if faults:
        raise invalid_query(faults)
    return read, pairs


def _read_one(name: str, value: str, read: dict[str, Any], by_name: Mapping[str, Parameter]) -> FieldError | None:
    parameter = by_name.get(name)
    if parameter is None:
        return FieldError(shown_text(name), "is not a parameter" + did_you_mean(name, by_name))
    if name in read:
        return FieldError(name, "is given more than once", "each parameter once")
    try:
        read[name] = parameter.read(value)
    except (ValueError, OverflowError):
        return FieldError(name, "cannot be read", parameter.allowed, shown_text(value))
    return None


def invalid_query(faults: Sequence[FieldError]) -> Exception:
    """The refusal that names what is wrong with a query string."""
    return invalid("invalid-query", "The query is not valid", faults, status=400)
