"""The resolution of a referral case: what an underwriter decides, why, and under which conditions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from re import fullmatch

from domain.policies.final_outcome import FinalOutcome
from domain.printable import TITLE, is_title

LONGEST_TEXT = 2000
"""The largest number of characters of a text that explains something."""
MOST_CONDITIONS, MOST_DOCUMENTS = 20, 50


class InvalidResolution(ValueError):
    """The resolution is not complete or contradicts itself; `faults` says everything that is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class ConditionState(Enum):
    """The state of a condition. The last two are final."""

    OPEN = "open"
    MET = "met"
    WAIVED = "waived"


class InvalidConditionChange(ValueError):
    """The condition cannot be changed this way."""


@dataclass(frozen=True, slots=True)
class DocumentPointer:
    """A document kept elsewhere: its type ("payslip"), its date, and its SHA-256 in lower-case hexadecimal."""

    type: str
    date: date
    sha256: str

    def __post_init__(self) -> None:
        faults = []
        if not is_title(self.type):
            faults.append(f"a document's type must be {TITLE}")
        if not fullmatch("[0-9a-f]{64}", self.sha256):
            faults.append("a document's sha256 must be 64 hexadecimal digits in lower case")
        if faults:
            raise InvalidResolution(faults)


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that the applicant must do before the loan is paid out. Conditions are numbered from 1.

    `reason` says why the condition was waived, or how it was met.
    """

    number: int
    text: str
    state: ConditionState = ConditionState.OPEN
    reason: str = ""

    def changed(self, state: ConditionState, reason: str) -> "Condition":
        """The condition after it was met or waived; raises InvalidConditionChange."""
        if self.state is not ConditionState.OPEN:
            raise InvalidConditionChange(f"condition {self.number} is already {self.state.value}")
        if state is ConditionState.OPEN:
            raise InvalidConditionChange(f"condition {self.number} is open; it can be met or waived")
        if state is ConditionState.WAIVED and not reason.strip():
            raise InvalidConditionChange(f"a reason is required to waive condition {self.number}")
        if fault := text_fault(reason, "the reason", required=False):
            raise InvalidConditionChange(fault)
        return replace(self, state=state, reason=reason)


@dataclass(frozen=True, slots=True)
class Resolution:
    """An outcome with the code of its reason and a text, documents and conditions.

    Raises InvalidResolution with every fault.
    """

    outcome: FinalOutcome
    reason: str
    text: str
    documents: tuple[DocumentPointer, ...] = ()
    conditions: tuple[Condition, ...] = ()

    def __post_init__(self) -> None:
        faults = [fault for fault in (text_fault(self.text, "the text"), *self._contradictions()) if fault]
        if faults:
            raise InvalidResolution(faults)

    def _contradictions(self) -> Sequence[str]:
        numbers = [condition.number for condition in self.conditions]
        return [
            "" if self.outcome.lends or not self.conditions else "a decline has no conditions",
            "" if numbers == list(range(1, len(numbers) + 1)) else "conditions must be numbered from 1",
            f"there may be at most {MOST_CONDITIONS} conditions" if len(numbers) > MOST_CONDITIONS else "",
            f"there may be at most {MOST_DOCUMENTS} documents" if len(self.documents) > MOST_DOCUMENTS else "",
            *(text_fault(each.text, f"condition {each.number}") for each in self.conditions),
            *(
                f"{count} documents have the sha256 {digest}"
                for digest, count in Counter(each.sha256 for each in self.documents).items()
                if count > 1
            ),
        ]


def conditions_of(texts: Sequence[str]) -> tuple[Condition, ...]:
    """Open conditions with these texts, numbered from 1."""
    return tuple(Condition(number, text) for number, text in enumerate(texts, 1))


def text_fault(text: str, name: str, *, required: bool = True) -> str:
    """What is wrong with a text of several lines; empty if nothing is."""
    if not text.strip():
        return f"{name} is required" if required else ""
    if len(text) > LONGEST_TEXT:
        return f"{name} must have at most {LONGEST_TEXT:,} characters"
    printable = all(character.isprintable() or character in "\n\r\t" for character in text)
    return "" if printable else f"{name} has control or invisible characters"
