"""The caller's own data about an application: references, origin and metadata. It is stored and never scored."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from domain.printable import is_visible
from domain.value import value

MetadataValue: TypeAlias = str | int | float | bool | None

_LONGEST_REFERENCE, _LONGEST_ORIGIN = 128, 64
TEXTS: Mapping[str, int] = MappingProxyType(
    {
        "application_reference": _LONGEST_REFERENCE,
        "applicant_reference": _LONGEST_REFERENCE,
        "source": _LONGEST_ORIGIN,
        "channel": _LONGEST_ORIGIN,
    }
)
"""The texts with their largest numbers of characters."""
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "application_reference": (
            "application_id",
            "application_no",
            "application_number",
            "loan_number",
            "reference",
            "external_id",
        ),
        "applicant_reference": ("applicant_id", "customer_id", "member_id"),
    }
)
"""Other names of columns in files."""
METADATA = "metadata"
NAMES = (*TEXTS, METADATA)
"""The fields of every application besides those of its product."""
MOST_KEYS, LONGEST_KEY, LONGEST_VALUE, METADATA_BYTES = 20, 40, 200, 2048
METADATA_ALLOWED = (
    f"an object of at most {MOST_KEYS} names ({LONGEST_KEY} characters) with texts ({LONGEST_VALUE} characters), "
    f"numbers, true, false or null, {METADATA_BYTES // 1024} KiB in all"
)
LARGEST_NUMBER = 2**53
"""Larger whole numbers are not exact in every program that reads JSON."""


@dataclass(frozen=True, slots=True)
class IdentityFault:
    """What is wrong with one of the fields, and what is allowed."""

    field: str
    problem: str
    allowed: str


class InvalidApplicationIdentity(ValueError):
    """At least one of the fields is invalid; `faults` lists everything that is wrong."""

    def __init__(self, faults: Sequence[IdentityFault]) -> None:
        super().__init__(
            "; ".join(f"{fault.field} {fault.problem}, allowed is {fault.allowed}" for fault in faults)
        )
        self.faults = tuple(faults)


@value
class ApplicationIdentity:
    """The caller's references of application and applicant, its origin, and metadata; each may be missing.

    `source` is the system and `channel` the way by which the application reached the caller ("branch", "broker").
    Raises InvalidApplicationIdentity with every fault.
    """

    application_reference: str | None = None
    applicant_reference: str | None = None
    source: str | None = None
    channel: str | None = None
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        application, applicant, source, channel = (
            self.application_reference,
            self.applicant_reference,
            self.source,
            self.channel,
        )
        if (  # one decision makes one: a loop over the names takes twice as long
            (application is None or is_label(application, _LONGEST_REFERENCE))
            and (applicant is None or is_label(applicant, _LONGEST_REFERENCE))
            and (source is None or is_label(source, _LONGEST_ORIGIN))
            and (channel is None or is_label(channel, _LONGEST_ORIGIN))
            and not self.metadata
        ):
            return
        faults = list(identity_faults({name: getattr(self, name) for name in NAMES}))
        if faults:
            raise InvalidApplicationIdentity(faults)

    def given(self) -> dict[str, object]:
        """The fields that are not missing, by name."""
        values: dict[str, object] = {name: text for name in TEXTS if (text := getattr(self, name)) is not None}
        if self.metadata:
            values[METADATA] = dict(self.metadata)
        return values


NO_IDENTITY = ApplicationIdentity()


def is_label(text: str, longest: int) -> bool:
    """Whether a text is visible, without spaces around it, and at most so long."""
    return 0 < len(text) <= longest and is_visible(text) and text == text.strip()


def allowed(name: str) -> str:
    """The allowed values of a field, for an error message."""
    if name == METADATA:
        return METADATA_ALLOWED
    return f"1 to {TEXTS[name]} printable characters without spaces around them, or nothing"


def identity_faults(values: Mapping[str, object]) -> Iterator[IdentityFault]:
    """What is wrong with values by field; None or absent is not given."""
    for name, longest in TEXTS.items():
        problem = _text_problem(values.get(name), longest)
        if problem:
            yield IdentityFault(name, problem, allowed(name))
    for problem in _metadata_problems(values.get(METADATA)):
        yield IdentityFault(METADATA, problem, METADATA_ALLOWED)


def _text_problem(text: object, longest: int) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str):
        return "is not text"
    if not text.strip():
        return "is empty"
    if text != text.strip():
        return "has spaces around it"
    if not is_visible(text):
        return "has control or invisible characters"
    return f"is longer than {longest} characters" if len(text) > longest else None


def _metadata_problems(metadata: object) -> Iterator[str]:
    if metadata is None:
        return
    if not isinstance(metadata, Mapping):
        yield "is not an object"
        return
    problems = [problem for name, given in metadata.items() for problem in _member_problems(name, given)]
    if len(metadata) > MOST_KEYS:
        problems.append(f"has {len(metadata)} members")
    if not problems and len(_as_json(metadata)) > METADATA_BYTES:
        problems.append(f"is larger than {METADATA_BYTES // 1024} KiB")
    yield from problems


def _member_problems(name: object, given: object) -> Iterator[str]:
    shown = ascii(name[:LONGEST_KEY]) if isinstance(name, str) else "a name"
    if not isinstance(name, str) or _text_problem(name, LONGEST_KEY):
        yield f"has the name {shown}, which is not 1 to {LONGEST_KEY} printable characters"
    match given:
        case str():
            if len(given) > LONGEST_VALUE:
                yield f"has a text of more than {LONGEST_VALUE} characters at {shown}"
            elif not is_visible(given):
                yield f"has control or invisible characters at {shown}"
        case None | bool():
            return
        case int() | float():
            if not abs(given) <= LARGEST_NUMBER:  # or not a number
                yield f"has a number beyond 2^53 at {shown}; write it as text"
        case _:
            yield f"has neither text, a number, true, false nor null at {shown}"


def _as_json(metadata: Mapping[object, object]) -> bytes:
    return json.dumps(dict(metadata), ensure_ascii=False, separators=(",", ":")).encode()
