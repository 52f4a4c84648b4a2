"""What a check of the audit trail found, in words."""

from dataclasses import dataclass

from application.use_cases.verify_audit_trail import Verification
from entrypoints.ui.formats import counted


@dataclass(frozen=True, slots=True)
class BreakRow:
    """One place where the trail does not hold."""

    chain: str
    sequence: str
    decision_id: str
    why: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """The finding as a headline, what was checked, and every break."""

    whole: bool
    headline: str
    checked: str
    breaks: tuple[BreakRow, ...]


def audit_view(found: Verification) -> AuditView:
    """The view of a verification."""
    whole = not found.breaks
    breaks = counted(len(found.breaks), "break", "breaks")
    entries = counted(found.entries, "entry", "entries")
    chains = counted(found.chains, "chain", "chains")
    return AuditView(
        whole=whole,
        headline="The audit trail is whole" if whole else f"The audit trail is broken: {breaks}",
        checked=f"{entries} in {chains} checked against the records they vouch for.",
        breaks=tuple(
            BreakRow(str(fault.chain), str(fault.sequence), str(fault.subject), _sentence(fault.why))
            for fault in found.breaks
        ),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
