"""What a check of the audit trail found, in words."""

from dataclasses import dataclass
from typing import Literal

from application.use_cases.audit.verify_audit_trail import Verification
from domain.audit.entry import IntegrityViolation
from domain.month import Month
from entrypoints.ui.shared.formats import capital, counted, moment

_WHOLE = "The audit trail is whole"
_EMPTY = "Nothing to verify: the audit trail is empty"
_ONLY_WHERE_NEW = (
    "No decision is on record. That is right for a new installation. If decisions were made with it, they were "
    "removed: run `scoring audit verify --since` with a checkpoint kept elsewhere."
)


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """One place where the trail does not hold; what plays no part in it is empty."""

    chain: str
    sequence: str
    decision_id: str
    why: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """The finding as a headline, what was checked, and the breaks (the first thousand of them).

    `archived` says how many records were not looked at; empty where all were. Where nothing is on record there is
    nothing to verify, and the trail counts as neither whole nor broken: the tone is "careful".
    """

    whole: bool
    tone: Literal["good", "careful", "bad"]
    headline: str
    checked: str
    archived: str
    last_checkpoint: str
    violations: tuple[ViolationRow, ...]


def audit_view(found: Verification) -> AuditView:
    """The view of a verification."""
    whole = not (found.violations or found.empty)
    breaks = counted(found.violation_count, "break", "breaks")
    entries = counted(found.entries, "entry", "entries")
    chains = counted(found.chains, "chain", "chains")
    checkpoints = counted(found.checkpoints, "signed checkpoint", "signed checkpoints")
    return AuditView(
        whole=whole,
        tone="good" if whole else "careful" if found.empty else "bad",
        headline=_EMPTY if found.empty else _WHOLE if whole else f"The audit trail is broken: {breaks}",
        checked=_ONLY_WHERE_NEW
        if found.empty
        else f"{entries} in {chains} checked against the records they vouch for, and {checkpoints}.",
        archived=_archived(found),
        last_checkpoint=_last_checkpoint(found),
        violations=tuple(
            ViolationRow(
                _or_none(fault.chain),
                _or_none(fault.sequence),
                "" if fault.of_event else _or_none(fault.subject),
                _why(fault),
            )
            for fault in found.violations
        ),
    )


def months_in(text: str) -> tuple[Month, ...]:
    """The months in a list like "2024-12, 2025-01"; raises ValueError."""
    return tuple(Month.read(word) for word in text.replace(",", " ").split())


def _archived(found: Verification) -> str:
    if not found.archived:
        return ""
    records = counted(found.archived, "record", "records")
    return f"{records} of archived months could not be looked at; the entries that vouch for them hold."


def _last_checkpoint(found: Verification) -> str:
    if found.checkpointed_at is None or found.key is None:
        return (
            "There is no checkpoint yet: entries cut off at a chain's end cannot be found out before there is one."
        )
    return f"Last checkpoint {moment(found.checkpointed_at)}, signed with the key {found.key[:16]}…"


def _why(fault: IntegrityViolation) -> str:
    at = f"checkpoint {fault.checkpoint}: " if fault.chain is None and fault.checkpoint is not None else ""
    if fault.version:
        at = f"{fault.version}: "
    elif fault.of_event and fault.subject:
        at = f"event {fault.subject}: "
    return capital(at + fault.why)


def _or_none(what: object) -> str:
    return "" if what is None else str(what)
