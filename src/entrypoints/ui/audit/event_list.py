"""The events of the audit trail: parses the filters, and presents each event as a row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from application.ports.audit.event_history import EventFilter, EventInHistory
from domain.access.user_name import OPERATING_SYSTEM_PREFIX, SERVICE_NAME
from domain.audit.event import SUBJECT_DETAILS, Detail, EventKind
from entrypoints.ui.shared.dates import parse_day
from entrypoints.ui.shared.formats import capital, sentence, timestamp

SEARCH_NAMES = ("kind", "actor", "subject", "since", "until")
"""The filters, as named in the page's address. Both dates are inclusive days in UTC."""
KINDS: Mapping[str, str] = {kind.value: capital(kind.value) for kind in sorted(EventKind)}
_MAX_TEXT_LENGTH = 100
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00", re.ASCII)
"""How events write times (UTC)."""
_MAX_DETAILS_LENGTH = 400
_TECHNICAL = {
    "verified_at",
    "signature",
    "key",
    "checkpoint_digest",
    "chains_digest",
    "sha256",
    "manifest_sha256",
    "report_sha256",
    "export",
}
"""Details that `scoring audit events --json` prints, and the page leaves out."""


class InvalidSearch(ValueError):
    """The filters are invalid; `errors` holds the messages by filter name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in the list; fields that do not apply are empty.

    `report` is the address of the report of a verification, `page` that of the page of the subject.
    """

    at: str
    kind: str
    actor: str
    subject: str
    details: str
    report: str = ""
    page: str = ""


def filter_from(search: Mapping[str, str | None]) -> EventFilter:
    """The filter for the entered values; raises InvalidSearch."""
    values = {name: (search.get(name) or "").strip()[:_MAX_TEXT_LENGTH] for name in SEARCH_NAMES}
    errors: dict[str, str] = {}
    if values["kind"] and values["kind"] not in KINDS:
        errors["kind"] = "Select an option"
    since, until = (parse_day(values[name], name, errors) if values[name] else None for name in ("since", "until"))
    if since and until and until < since:
        errors["until"] = "End precedes start"
    if errors:
        raise InvalidSearch(errors)
    return EventFilter(
        kinds=[values["kind"]] if values["kind"] else (),
        actor=values["actor"] or None,
        subject=values["subject"] or None,
        since=since,
        until=until and until + timedelta(days=1),
    )


def address_of(search: Mapping[str, str | None]) -> str:
    """The page's address with these filters, which can be bookmarked and shared."""
    parameters = {name: value for name in SEARCH_NAMES if (value := search.get(name))}
    return "/audit" + (f"?{urlencode(parameters)}" if parameters else "")


def event_row(event: EventInHistory) -> EventRow:
    return EventRow(
        at=timestamp(event.at),
        kind=KINDS.get(event.kind, capital(event.kind)),
        actor=event.actor or "Unknown",
        subject=event.subject,
        details=sentence(event.fault) if event.fault else _details(event.details),
        report=f"/audit/verifications/{event.event_id}" if event.kind == EventKind.TRAIL_VERIFIED else "",
        page=_page_of(event.details),
    )


def _page_of(details: Mapping[str, Detail]) -> str:
    for name, folder in (("batch", "batches"), ("decision", "decisions")):
        try:
            return f"/{folder}/{UUID(str(details[name]))}"
        except (KeyError, ValueError):
            continue
    return ""


def actor_note(name: str) -> str:
    """What kind of actor this is, unless it is a user."""
    if name.startswith(OPERATING_SYSTEM_PREFIX):
        return "Command line"
    return "The service itself" if name == SERVICE_NAME else ""


def _details(details: Mapping[str, Detail]) -> str:
    """The details in words, without the subject, technical digests, and values of settings."""
    subject = next((name for name in SUBJECT_DETAILS if isinstance(details.get(name), str)), None)
    shown = [
        f"{name.replace('_', ' ')} {_text(value)}"
        for name, value in details.items()
        if name not in _TECHNICAL and name != subject and not name.isupper() and value not in {None, ""}
    ]
    text = capital(", ".join(shown))
    return text if len(text) <= _MAX_DETAILS_LENGTH else f"{text[:_MAX_DETAILS_LENGTH]}…"


def _text(value: Detail) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and _TIME.fullmatch(value):
        try:
            return timestamp(datetime.fromisoformat(value))
        except ValueError:
            return value  # of another writer
    return f"{value:,}" if isinstance(value, int) else str(value)
