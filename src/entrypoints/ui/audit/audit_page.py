"""The audit trail: check on demand that nothing on record was changed or removed."""

import asyncio
from functools import partial

from nicegui import ui

from domain.access.user import Permission
from entrypoints.ui.audit.audit_view import AuditView, audit_view, months_in
from entrypoints.ui.shared.error_messages import telling_faults
from entrypoints.ui.shared.formats import capital
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Words, alert, anchor, box, card, page_head

_EXPLANATION = (
    "Each decision is recorded together with an audit entry that carries a digest of the whole record and of the "
    "entry before it, and every minute a signed checkpoint says how far the entries go. Checking computes every "
    "digest and signature again: a record that was changed or removed afterwards, or that stands there without an "
    "entry, shows as a break."
)


def register(interface: Interface) -> None:
    """The page /audit. One verification at a time: each reads all there is, on a connection that pages need."""
    add_page(interface, "/audit", "Audit trail", partial(_build, turn=asyncio.Lock()), here="/audit")


async def _build(visit: PageContext, *, turn: asyncio.Lock) -> None:
    visit.actor().must(Permission.VERIFY_AUDIT_TRAIL)
    with page_head("Audit trail", "Proof that nothing on record was changed."):
        pass
    with card("Verification", "narrow"):
        Words("p", _EXPLANATION)
        months = ui.input("Archived months (optional)", validation=_no_month).mark("archived")
        months.classes("archived-months")
        months.without_auto_validation()  # a month half typed is no mistake yet
        months.props("outlined stack-label hide-bottom-space autocomplete=off maxlength=200")
        months.props["hint"] = "Like 2024-12, 2025-01. Their entries are checked without the records."
        button = ui.button("Verify the audit trail").props("unelevated no-caps icon=verified_user")
        button.classes("button-main")
        finding = box("div", "finding").props("aria-live=polite")

    async def verify() -> None:
        if not months.validate():
            return
        button.props("loading disable")
        if turn.locked():
            _draw_working(finding, "Waiting for another verification to end…")
        try:
            archived = months_in(months.value)
            async with turn:
                _draw_working(finding, "Computing every digest again…")
                found = await visit.use_cases.verify_audit_trail(by=visit.actor(), archived=archived)
        finally:
            finding.clear()
            button.props(remove="loading disable")
        with finding:
            _draw(audit_view(found))

    button.on_click(telling_faults(verify, where="/audit"))


def _no_month(text: str) -> str | None:
    try:
        months_in(text)
    except ValueError as fault:
        return f"{capital(str(fault))}."
    return None


def _draw_working(finding: ui.element, what: str) -> None:
    finding.clear()
    with finding, box("div", "working"):
        ui.spinner(size="1.5em")
        Words("span", what)


def _draw(view: AuditView) -> None:
    alert(view.checked, view.tone, title=view.headline)
    if view.archived:
        Words("p", view.archived, "note")
    Words("p", view.last_checkpoint, "note")
    if not view.violations:
        return
    with box("div", "breaks-room"), box("table", "breaks"):
        with box("thead"), box("tr"):
            for title in ("Decision", "What is wrong", "Chain", "Entry"):
                Words("th", title).props("scope=col")
        with box("tbody"):
            for fault in view.violations:
                with box("tr"):
                    with box("td"):
                        if fault.decision_id:
                            anchor(fault.decision_id, f"/decisions/{fault.decision_id}", "code")
                    Words("td", fault.why)
                    Words("td", fault.chain, "code")
                    Words("td", fault.sequence, "amount")
