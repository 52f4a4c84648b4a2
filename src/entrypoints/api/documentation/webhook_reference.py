"""The reference of webhook events. `python -m entrypoints.api.documentation.webhook_reference` writes the page."""

import json
from collections.abc import Mapping
from typing import Any

from domain.products.personal_loan import PERSONAL_LOAN
from domain.webhooks.event import TEST, WebhookEvent
from entrypoints.api.documentation import examples, notice_examples, outcome_examples, webhook_examples
from entrypoints.configuration.setting_readers import PROJECT

PAGE = PROJECT / "docs" / "webhook-events.md"
_INTRODUCTION = """\
# Webhook events

The messages that a [subscription](api-guide.md#webhooks) receives, each with an example. `data` is what the API
returns to the subscriber on the subject **when the message is sent**: a message that is delivered late shows the
present state. `occurred_at` is when it happened.

This page is generated: `.venv/bin/python -m entrypoints.api.documentation.webhook_reference` writes it.
"""
_DELIVERY_ID = "7d0e2f1a-3b4c-4d5e-8f60-a1b2c3d4e5f6"
_OF_DECISION = "`data` is that of `GET /api/v1/decisions/{decision_id}`"
_OF_NOTICE = "`data` is that of `GET /api/v1/notices/{notice_id}`."
MEANINGS: Mapping[str, str] = {
    WebhookEvent.DECISION_RECORDED: "A decision was recorded on a single application that you sent. Decisions of "
    f"batches and files, and trial runs, send none. {_OF_DECISION}.",
    WebhookEvent.DECISION_SUPERSEDED: "A later decision took the place of one on your application, whoever "
    "requested it: for instance after the applicant corrected a value. `data` is the application as "
    "`GET /api/v1/applications` lists it; `decision_id` is the newest decision.",
    WebhookEvent.CASE_RESOLVED: "A person decided on an application that you sent: on its referral case, or in a "
    f"review of the decision. {_OF_DECISION}; `final_decision` says what the person decided.",
    WebhookEvent.NOTICE_DUE: f"A notice to the applicant is due by `notice.due_at`. {_OF_NOTICE}",
    WebhookEvent.NOTICE_ISSUED: f"The letter of a notice was issued. {_OF_NOTICE}",
    WebhookEvent.LOAN_OUTCOME_RECORDED: "An outcome of the loan of your application was recorded or corrected. "
    "Imported files send none. `data` is that of `GET /api/v1/applications/{application_id}/outcomes`.",
    TEST: "`POST /api/v1/webhook-subscriptions/{subscription_id}/test` sends it. `data` is the subscription.",
}


def message_examples() -> dict[str, dict[str, Any]]:
    """An example of the message on each event."""
    decided = examples.recorded_decision(PERSONAL_LOAN)
    notice = {
        "notice": notice_examples.NOTICE,
        "actions": [notice_examples.ISSUED],
        "ending": None,
        "withheld": False,
    }
    due = {"state": "due", "version": 0, "etag": '"0"', "issued_at": None, "changed_at": None, "changed_by": None}
    data: dict[str, Any] = {
        WebhookEvent.DECISION_RECORDED: decided,
        WebhookEvent.DECISION_SUPERSEDED: webhook_examples.APPLICATION,
        WebhookEvent.CASE_RESOLVED: decided
        | {
            "final_outcome": webhook_examples.FINAL_DECISION["outcome"],
            "final_decision": webhook_examples.FINAL_DECISION,
        },
        WebhookEvent.NOTICE_DUE: notice | {"notice": notice_examples.NOTICE | due, "actions": []},
        WebhookEvent.NOTICE_ISSUED: notice,
        WebhookEvent.LOAN_OUTCOME_RECORDED: outcome_examples.LOAN,
        TEST: webhook_examples.SUBSCRIPTION,
    }
    return {
        event: {
            "delivery_id": _DELIVERY_ID,
            "event": str(event),
            "occurred_at": "2026-11-29T09:20:10.991200Z",
            "data": each,
        }
        for event, each in data.items()
    }


def webhook_page() -> str:
    """The page in Markdown, with a section for each event."""
    return _INTRODUCTION + "".join(
        f"\n## `{event}`\n\n{MEANINGS[event]}\n\n```json\n{json.dumps(example, indent=2)}\n```\n"
        for event, example in message_examples().items()
    )


if __name__ == "__main__":
    PAGE.write_text(webhook_page())
