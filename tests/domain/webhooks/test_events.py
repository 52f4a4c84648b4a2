"""Which events a caller can name."""

import pytest

from domain.webhooks.event import NoEvents, UnknownEvents, WebhookEvent, events_named


def test_events_are_named_once_in_their_own_order() -> None:
    named = events_named(["notice.due", "decision.recorded", "notice.due"])
    assert named == (WebhookEvent.DECISION_RECORDED, WebhookEvent.NOTICE_DUE)


def test_every_unknown_event_is_named() -> None:
    with pytest.raises(UnknownEvents, match=r'no event "x", "decision.made"; the events are') as fault:
        events_named(["x", "decision.recorded", "decision.made", "x"])
    assert fault.value.names == ("x", "decision.made")


def test_at_least_one_event_is_needed() -> None:
    with pytest.raises(NoEvents):
        events_named([])


def test_the_names_in_messages_do_not_change() -> None:
    assert [event.value for event in WebhookEvent] == [
        "decision.recorded",
        "decision.superseded",
        "case.resolved",
        "notice.due",
        "notice.issued",
        "loan_outcome.recorded",
    ]
