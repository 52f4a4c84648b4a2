"""Examples of applicants' links and requests for the OpenAPI document."""

from typing import Any

from domain.products.product_definition import ProductDefinition
from domain.reconsiderations.request_content import correctable_fields

_NEXT_DECISION_ID = "01a2183f-77a0-7d11-8a55-4b6a0c2b9e33"
_APPLICATION_ID = "01a20934-a7ba-7f69-ba54-405ad833ce18"

LINK: dict[str, Any] = {
    "link_id": "01a20f0c-5b47-7c09-9c1e-0d6a3a5f2b11",
    "application_id": _APPLICATION_ID,
    "made_at": "2026-11-24T08:06:40.711200Z",
    "made_by": "marta",
    "expires_at": "2027-01-23T08:06:40Z",
    "revoked_at": None,
    "valid": True,
}
MADE_LINK: dict[str, Any] = {
    "link": LINK,
    "address": "https://loans.example.com/applicant/AaIPDFtHfAmcHg1qOl8rEQAAa1PvcPb0bZ3p1sFZQm0J2kq8v7Yw4nTtE6hXcRuVb1Zk2A9d",
}


def reconsideration(product: ProductDefinition) -> dict[str, Any]:
    """A correction of the first field that an applicant can state."""
    name = correctable_fields(product)[0].name
    return {
        "reconsideration_id": "5d0f5f0e-3c52-5a35-9d5c-3f0ad3a3b7f1",
        "application_id": _APPLICATION_ID,
        "decision_id": _APPLICATION_ID,
        "case_id": "01a2134b-1c80-7b52-8f0c-6d1f0b7a9c22",
        "kind": "correction",
        "state": "overturned",
        "requested_at": "2026-11-25T10:02:11.104000Z",
        "due_at": "2026-11-27T10:02:11.104000Z",
        "overdue": False,
        "fields": [name],
        "stated": {name: product.example[name]},
        "text": "You have a figure of last year.",
        "answer": {
            "state": "overturned",
            "reason": "correction_accepted",
            "decision_id": _NEXT_DECISION_ID,
            "answered_at": "2026-11-26T09:12:03.210000Z",
            "answered_by": "uma",
        },
    }


def accepted(product: ProductDefinition) -> dict[str, Any]:
    """The correction after it was accepted."""
    return {"decision_id": _NEXT_DECISION_ID, "reconsideration": reconsideration(product)}
