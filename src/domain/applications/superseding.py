"""Why a decision supersedes an earlier one on the same loan application, and when it may."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar
from uuid import UUID

from domain.applications.application_action import Acceptance, ApplicationAction
from domain.applications.application_identity import ApplicationIdentity, IdentityFault
from domain.applications.application_life import (
    AlreadyAccepted,
    AlreadyWithdrawn,
    ApplicationRuleViolation,
    moment,
)
from domain.applications.loan_application import LoanApplication
from domain.applications.synthetic import is_synthetic

SUPERSEDES, SUPERSEDES_REASON = NAMES = ("supersedes", "supersedes_reason")
"""The fields of an application that is decided again."""


class SupersedesReason(Enum):
    """Why an application is decided again."""

    CORRECTION = "correction"
    NEW_BUREAU_DATA = "new_bureau_data"
    RECONSIDERATION = "reconsideration"
    RESUBMISSION = "resubmission"


@dataclass(frozen=True, slots=True)
class Superseding:
    """The decision that a new decision on the same application supersedes, and why."""

    decision_id: UUID
    reason: SupersedesReason


REASONS = tuple(reason.value for reason in SupersedesReason)
ALLOWED = {
    SUPERSEDES: "the identifier of the decision that the new one supersedes, or nothing",
    SUPERSEDES_REASON: f"one of {', '.join(REASONS)}, where supersedes is given",
}


class InvalidSuperseding(ValueError):
    """A field is invalid, or one of the two is missing; `faults` lists everything that is wrong."""

    def __init__(self, faults: Sequence[IdentityFault]) -> None:
        super().__init__("; ".join(f"{fault.field} {fault.problem}" for fault in faults))
        self.faults = tuple(faults)


def read_superseding(supersedes: object, reason: object) -> Superseding | None:
    """What the two fields say; None where neither is given. Raises InvalidSuperseding."""
    if supersedes is None and reason is None:
        return None
    identifier = _identifier(supersedes)
    if faults := tuple(_faults(supersedes, identifier, reason)):
        raise InvalidSuperseding(faults)
    assert identifier is not None  # noqa: S101 - otherwise there is a fault
    return Superseding(identifier, SupersedesReason(reason))


def _identifier(text: object) -> UUID | None:
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _faults(supersedes: object, identifier: UUID | None, reason: object) -> Iterator[IdentityFault]:
    if identifier is None:
        problem = "is missing" if supersedes is None else "is not the identifier of a decision"
        yield IdentityFault(SUPERSEDES, problem, ALLOWED[SUPERSEDES])
    if reason not in REASONS:
        problem = "is missing" if reason is None else "is not an allowed value"
        yield IdentityFault(SUPERSEDES_REASON, problem, ALLOWED[SUPERSEDES_REASON])


class SupersedingRefused(ApplicationRuleViolation):
    """The new decision may not supersede this one. `decision_id` is the application's newest decision."""

    def __init__(self, text: str, decision_id: UUID) -> None:
        super().__init__(text)
        self.decision_id = decision_id


class AlreadySuperseded(SupersedingRefused):
    """Another decision superseded this one already."""

    rule: ClassVar[str] = "already-superseded"


class OtherProduct(SupersedingRefused):
    """The new application is for another product."""

    rule: ClassVar[str] = "other-product"


class OtherReference(SupersedingRefused):
    """The new application has not the caller's reference of the earlier one."""

    rule: ClassVar[str] = "other-reference"


class DeclinedByPerson(SupersedingRefused):
    """A person declined the application, which only a review by people can change."""

    rule: ClassVar[str] = "declined-by-person"


def check_not_declined(superseded: UUID, *, by_person: bool) -> None:
    """Raise DeclinedByPerson where the final decision of a person is a decline.

    Otherwise changed figures would turn a person's decline into an approval without an override on record.
    """
    if by_person:
        raise DeclinedByPerson(
            f"a person declined the application of decision {superseded}: ask an underwriter to open a review of "
            "it, or send a new application without supersedes",
            superseded,
        )


def check_current(superseded: UUID, chain: Sequence[UUID]) -> None:
    """Raise AlreadySuperseded unless the decision is the newest one of its application."""
    if superseded != chain[-1]:
        following = chain[chain.index(superseded) + 1]
        raise AlreadySuperseded(
            f"decision {superseded} was superseded by decision {following}. The newest decision on this "
            f"application is {chain[-1]}: read it, and send its identifier as supersedes",
            chain[-1],
        )


def check_same_application(
    superseded: UUID,
    earlier: tuple[LoanApplication, ApplicationIdentity],
    later: tuple[LoanApplication, ApplicationIdentity],
) -> None:
    """Raise OtherProduct or OtherReference where the later application cannot be the earlier one, changed."""
    before, after = earlier[0].product.name, later[0].product.name
    if before != after:
        raise OtherProduct(
            f"decision {superseded} is on the product {before}, this application is for {after}: send it without "
            "supersedes, as an application of its own",
            superseded,
        )
    known, given = earlier[1], later[1]
    if is_synthetic(known) != is_synthetic(given):
        one, other = ("synthetic", "not") if is_synthetic(known) else ("not synthetic", "synthetic")
        raise OtherReference(
            f"decision {superseded} is {one}, and this application is {other}: send the same source, or send this "
            "application without supersedes",
            superseded,
        )
    if known.application_reference is not None and (known.application_reference, known.source) != (
        given.application_reference,
        given.source,
    ):
        source = "no source" if known.source is None else f"the source {known.source}"
        raise OtherReference(
            f"decision {superseded} has the application_reference {known.application_reference} and {source}: "
            "send the same, or send this application without supersedes",
            superseded,
        )


def check_not_ended(actions: Sequence[ApplicationAction]) -> None:
    """Raise AlreadyAccepted or AlreadyWithdrawn if the application is; `actions` are all that was done to it."""
    if not actions:
        return
    last = actions[-1]
    done = f"by {last.actor.name} ({last.actor.role.value}) at {moment(last.at)}"
    again = "send a new application, with a reference of its own, to have it decided"
    if isinstance(last.details, Acceptance):
        raise AlreadyAccepted(f"the application was accepted for {last.details.amount} {done}: {again}")
    raise AlreadyWithdrawn(f"the application was withdrawn {done}: {again}")
