"""The result of an audit trail verification as text."""

from dataclasses import dataclass
from typing import Literal

from application.use_cases.audit.read_verifications import LastVerifications
from application.use_cases.audit.verification_result import Verification
from domain.audit.entry import IntegrityViolation
from domain.audit.subject import SubjectKind
from domain.audit.verified_position import Scope
from domain.month import Month
from entrypoints.ui.shared.formats import capital, counted, timestamp

_VERIFIED = "Verified, no issues"
_EMPTY = "Nothing to verify: the audit trail is empty"
_EMPTY_TEXT = (
    "No decisions are recorded. This is expected for a new installation. If decisions were made, they have been "
    "removed: run `scoring audit verify --since` with a checkpoint copy kept elsewhere."
)


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """One integrity error; fields that do not apply are empty."""

    chain: str
    sequence: str
    decision_id: str
    text: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """The result as a headline, the scope, and the first thousand integrity errors.

    `coverage` states what an incremental verification left to an earlier one, `archived` how many records were not
    verified ("" if all were). The tone of an empty trail is "warning".
    """

    tone: Literal["success", "warning", "error"]
    headline: str
    checked: str
    coverage: str
    archived: str
    last_checkpoint: str
    violations: tuple[ViolationRow, ...]


def audit_view(found: Verification) -> AuditView:
    verified = not (found.violations or found.empty)
    errors = counted(found.violation_count, "integrity error", "integrity errors")
    entries = counted(found.entries, "entry", "entries")
    chains = counted(found.chains, "chain", "chains")
    checkpoints = counted(found.checkpoints, "signed checkpoint", "signed checkpoints")
    return AuditView(
        tone="success" if verified else "warning" if found.empty else "error",
        headline=_EMPTY if found.empty else _VERIFIED if verified else errors,
        checked=_EMPTY_TEXT
        if found.empty
        else f"Checked: {entries} in {chains} against their records, and {checkpoints}.",
        coverage=_coverage(found),
        archived=_archived(found),
        last_checkpoint=_last_checkpoint(found),
        violations=tuple(
            ViolationRow(
                _text(violation.chain),
                _text(violation.sequence),
                _text(violation.subject) if violation.kind is SubjectKind.DECISION else "",
                _error_text(violation),
            )
            for violation in found.violations
        ),
    )


@dataclass(frozen=True, slots=True)
class LastVerificationView:
    """The last recorded verification: its result, what it covered, by whom and when, and its report's address."""

    tone: Literal["success", "warning", "error"]
    headline: str
    text: str
    report: str = ""


def last_verification_view(found: LastVerifications) -> LastVerificationView:
    if found.last is None:
        text = "The service verifies the trail daily, from a day after the first decision on."
        return LastVerificationView("warning", "Not verified yet", text)
    event, signed = found.last.event, found.last.signed
    entries, since = event.details.get("entries"), event.details.get("since_checkpoint")
    covered = f"{entries:,} entries" if isinstance(entries, int) else "the entries"
    covered += f" added since checkpoint {since}" if signed.scope is Scope.INCREMENTAL else ", which were all"
    whole = f" Everything was last verified on {timestamp(found.whole.signed.at)}." if found.whole else ""
    if signed.scope is Scope.WHOLE:
        whole = ""
    errors = counted(signed.violations, "integrity error", "integrity errors")
    return LastVerificationView(
        "error" if signed.violations else "success",
        f"Last verification: {errors if signed.violations else 'no issues'}",
        f"{timestamp(signed.at)} by {event.actor}: {covered}.{whole}",
        f"/audit/verifications/{event.event_id}",
    )


def months_in(text: str) -> tuple[Month, ...]:
    """The months in a list such as "2024-12, 2025-01"; raises ValueError."""
    return tuple(Month.read(word) for word in text.replace(",", " ").split())


def _coverage(found: Verification) -> str:
    if found.since is None:
        return ""
    return (
        f"Covers what was added since {timestamp(found.since.at)}. Earlier records were last verified on "
        f"{timestamp(found.since.whole_at)}; “Verify everything” verifies them again."
    )


def _archived(found: Verification) -> str:
    if not found.archived:
        return ""
    records = counted(found.archived, "record", "records")
    return f"{records} of archived months not verified; their audit entries are intact."


def _last_checkpoint(found: Verification) -> str:
    if found.checkpointed_at is None or found.key is None:
        return "No checkpoint yet. Without one, missing entries at the end of a chain cannot be detected."
    return f"Last checkpoint {timestamp(found.checkpointed_at)}, signed with key {found.key[:16]}…"


def _error_text(violation: IntegrityViolation) -> str:
    at = (
        f"checkpoint {violation.checkpoint}: "
        if violation.chain is None and violation.checkpoint is not None
        else ""
    )
    if violation.version:
        at = f"{violation.version}: "
    elif violation.kind is not SubjectKind.DECISION and violation.subject:
        at = f"{violation.kind} {violation.subject}: "
    return capital(at + violation.why)


def _text(value: object) -> str:
    return "" if value is None else str(value)
