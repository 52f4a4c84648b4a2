"""The events that callers can subscribe to."""

from collections.abc import Iterable
from enum import StrEnum


class WebhookEvent(StrEnum):
    """What happened to something of the caller's. The text is part of messages, so it must never change."""

    DECISION_RECORDED = "decision.recorded"
    """A decision on a single application; those of batches and files, and trial runs, send none."""
    DECISION_SUPERSEDED = "decision.superseded"
    """A later decision took the place of one on an application, such as after a correction by the applicant."""
    CASE_RESOLVED = "case.resolved"
    """A person decided on a referral case, or on the review of an earlier decision."""
    NOTICE_DUE = "notice.due"
    NOTICE_ISSUED = "notice.issued"
    LOAN_OUTCOME_RECORDED = "loan_outcome.recorded"
    """An outcome of a loan was recorded or corrected; those of imported files send none."""


TEST = "webhook.test"
"""The event that a caller has sent to try a subscription."""


class UnknownEvents(ValueError):
    """There are no such events; `names` are those given."""

    def __init__(self, names: tuple[str, ...]) -> None:
        named = ", ".join(f'"{name}"' for name in names)
        super().__init__(f"there is no event {named}; the events are {', '.join(WebhookEvent)}")
        self.names = names


class NoEvents(ValueError):
    """No event is named."""


def events_named(names: Iterable[str]) -> tuple[WebhookEvent, ...]:
    """The events, each once and in the order of `WebhookEvent`.

    Raises UnknownEvents, which names each of them, and NoEvents.
    """
    given = list(names)
    known = {event.value for event in WebhookEvent}
    unknown = tuple(dict.fromkeys(name for name in given if name not in known))
    if unknown:
        raise UnknownEvents(unknown)
    if not given:
        raise NoEvents(f"at least one event is required; the events are {', '.join(WebhookEvent)}")
    return tuple(event for event in WebhookEvent if event in given)
