"""Everything that the letter of a notice states, as values. A letter is made from nothing else."""

from dataclasses import dataclass
from datetime import date

from domain.applications.money import Money
from domain.notices.letterhead import Letterhead
from domain.notices.notice_kind import NoticeKind
from domain.policies.reasons import AdverseActionReason
from domain.printable import is_visible

LONGEST_LINE, MOST_LINES = 200, 8
"""Of the address on a letter."""


class InvalidAddressee(ValueError):
    """The address cannot be printed; the text names every fault."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """The name and the postal address to which a letter goes. Raises InvalidAddressee."""

    name: str
    address: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = [] if self.name.strip() else ["the name is required"]
        if len(self.address) > MOST_LINES:
            faults.append(f"the address must have at most {MOST_LINES} lines, not {len(self.address)}")
        lines = {"the name": self.name}
        lines |= {f"line {number} of the address": line for number, line in enumerate(self.address, 1)}
        faults += [
            f"{name} must have at most {LONGEST_LINE} characters, not {len(line)}"
            for name, line in lines.items()
            if len(line) > LONGEST_LINE
        ]
        faults += [f"{name} has invisible characters" for name, line in lines.items() if not is_visible(line)]
        if faults:
            raise InvalidAddressee("; ".join(faults))


@dataclass(frozen=True, slots=True)
class RequestedLoan:
    """The loan that the applicant requested, with the reference under which the lender can be asked about it.

    `received_on` is the day on which the application was received, or was last changed if it is `corrected`.
    """

    product: str
    amount: Money
    term: int
    received_on: date
    reference: str
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class DisclosedScore:
    """The score used (15 U.S.C. 1681m(a)(2)): its date, its scale, who computed it, and its key factors.

    There are at most four key factors, and a fifth if that is the number of inquiries (1681g(f)(9)). There is none
    if nothing made the score lower.
    """

    points: int
    created_on: date
    lowest: int
    highest: int
    provider: str
    key_factors: tuple[AdverseActionReason, ...]


@dataclass(frozen=True, slots=True)
class OfferedTerms:
    """A counter-offer, which can be accepted until the end of a day. The annual rate 0.12 is 12 %."""

    amount: Money
    term: int
    annual_rate: float
    instalment: Money
    until: date
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestedInformation:
    """What the applicant was asked for, on which day, and the last day for the answer."""

    text: str
    requested_on: date
    answer_by: date


@dataclass(frozen=True, slots=True)
class ApplicantPage:
    """The address of the applicant's own page, which works until the end of a day."""

    address: str
    until: date


@dataclass(frozen=True, slots=True)
class NoticeContent:
    """Everything that a letter states.

    `reasons` are the principal reasons of the final record. `information` is what the applicant is or was asked
    for; an application that is `closed_incomplete` is closed because it did not arrive. Without an addressee the
    lender adds the address. A `preview` says so in print, so that it is not sent.
    """

    kind: NoticeKind
    dated: date
    letterhead: Letterhead
    loan: RequestedLoan
    synthetic: bool = False
    preview: bool = False
    closed_incomplete: bool = False
    reasons: tuple[AdverseActionReason, ...] = ()
    score: DisclosedScore | None = None
    offer: OfferedTerms | None = None
    information: RequestedInformation | None = None
    addressee: Addressee | None = None
    applicant_page: ApplicantPage | None = None

    @property
    def uses_credit_report(self) -> bool:
        """Whether the letter is about a decision on the application, which a credit report always contributes to.

        An incomplete application is neither declined nor closed for what a credit report says.
        """
        return self.kind is not NoticeKind.INCOMPLETE and not self.closed_incomplete

    @property
    def offer_ended(self) -> bool:
        """Whether the counter-offer can no longer be accepted on the day of the letter."""
        return self.offer is not None and self.offer.until < self.dated
