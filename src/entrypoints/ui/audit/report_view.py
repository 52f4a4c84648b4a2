"""The report of a past verification as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from application.use_cases.audit.read_verifications import VerificationReport
from entrypoints.ui.shared.formats import capital, counted, sentence, timestamp

_HEADLINES = {"intact": "No integrity errors", "empty": "Nothing to verify: the audit trail was empty"}


@dataclass(frozen=True, slots=True)
class ReportView:
    """The result, what was checked as labels and values, and the integrity errors as places and reasons.

    `warnings` say what is wrong with the report itself.
    """

    tone: Literal["success", "warning", "error"]
    headline: str
    recorded: str
    facts: tuple[tuple[str, str], ...]
    violations: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def report_view(found: VerificationReport) -> ReportView:
    past, content = found.verification, found.content
    count = past.event.details.get("violations")
    errors = counted(count if isinstance(count, int) else 0, "integrity error", "integrity errors")
    warnings = [sentence(found.fault)] if found.fault else []
    if not past.trusted:
        warnings.append("The result is not signed with a key that this service trusts.")
    return ReportView(
        tone="success" if past.result == "intact" else "warning" if past.result == "empty" else "error",
        headline=_HEADLINES.get(past.result, errors),
        recorded=f"Recorded {timestamp(past.event.at)} by {past.event.actor}",
        facts=_facts(content, past.report_sha256) if content else (),
        violations=_violations(content),
        warnings=tuple(warnings),
    )


def _facts(content: Mapping[str, Any], digest: str) -> tuple[tuple[str, str], ...]:
    since, until = content.get("from") or {}, content.get("to") or {}
    begin = f"Checkpoint {since.get('checkpoint')}, verified {_time(since.get('verified_at'))}"
    end = f"Checkpoint {until.get('checkpoint')} of {_time(until.get('at'))}"
    facts = (
        ("Began", _time(content.get("began_at"))),
        ("Ended", _time(content.get("ended_at"))),
        ("By", f"{content.get('by')} ({content.get('role')})"),
        ("Scope", capital(str(content.get("scope")))),
        ("From", begin if since else "The beginning"),
        ("To", end if until else "The last entry; there was no checkpoint"),
        ("Signed with", str(until.get("key") or "Nothing")),
        ("Audit entries", _number(content.get("entries"))),
        ("Of these events", _number(content.get("events"))),
        ("Chains", _number(content.get("chains"))),
        ("Checkpoints", _number(content.get("checkpoints"))),
        ("External copies compared", _number(content.get("copies_compared"))),
        ("Archived records not verified", _number(content.get("archived_records"))),
        ("Everything last verified", _time(content.get("everything_verified_at"))),
        ("SHA-256 of the report", digest),
    )
    return tuple(fact for fact in facts if fact[1])


def _violations(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    listed = content.get("violations")
    rows = [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    return tuple((capital(str(each.get("place"))), capital(str(each.get("why")))) for each in rows)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else ""


def _time(value: object) -> str:
    try:
        return timestamp(datetime.fromisoformat(str(value)))
    except ValueError:
        return "an unknown time"
