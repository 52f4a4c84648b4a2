"""The audit page: the last verification of the trail, verifications on demand, and who did what."""

import asyncio
from functools import partial

from nicegui import ui

from domain.access.user import Permission
from entrypoints.ui.audit.audit_view import (
    AuditView,
    LastVerificationView,
    audit_view,
    last_verification_view,
    months_in,
)
from entrypoints.ui.audit.event_section import EventSection
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, anchor, box, card, page_header

_EXPLANATION = (
    "Each decision is recorded with an audit entry that contains a digest of the record and of the previous "
    "entry. Every minute a signed checkpoint records the trail's length. Verification recalculates digests and "
    "signatures. A record that was altered or removed, or that has no audit entry, is an integrity error. The "
    "service verifies daily what was added, and everything weekly."
)


def register(interface: Interface) -> None:
    """Register the page /audit. Verifications run one at a time, because each reads all records."""
    add_page(interface, "/audit", "Audit trail", partial(_build, lock=asyncio.Lock()), current="/audit")


async def _build(context: PageContext, *, lock: asyncio.Lock) -> None:
    context.actor().require(Permission.VERIFY_AUDIT_TRAIL)
    with page_header("Audit trail", "Who did what, and whether any record has changed"):
        pass
    with card("Verification", "narrow"):
        last = box("div", "last-verification")
        Text("p", _EXPLANATION)
        months = ui.input("Archived months (optional)", validation=_month_error).mark("archived")
        months.classes("archived-months")
        months.without_auto_validation()  # an incomplete entry is not an error yet
        months.props("outlined stack-label hide-bottom-space autocomplete=off maxlength=200")
        months.props["hint"] = "e.g. 2024-12, 2025-01. Only their audit entries are verified, not their records."
        with box("div", "button-row"):
            added = ui.button("Verify audit trail").props("unelevated no-caps icon=verified_user")
            added.classes("button-primary")
            everything = (
                ui.button("Verify everything").props("flat no-caps icon=fact_check").classes("button-text")
            )
        result = box("div", "result").props("aria-live=polite")

    async def show_last() -> None:
        verifications = await context.use_cases.read_last_verifications(by=context.actor())
        last.clear()
        with last:
            _draw_last(last_verification_view(verifications))

    async def verify(button: ui.button, *, whole: bool) -> None:
        if "disable" in button.props:  # a double click must not verify twice
            return
        if not months.validate():
            result.clear()
            return
        button.props("loading disable")
        if lock.locked():
            _draw_progress(result, "Waiting for another verification to finish…")
        try:
            archived = months_in(months.value)
            async with lock:
                _draw_progress(result, "Verifying…")
                verification = await context.use_cases.verify_audit_trail(
                    by=context.actor(), whole=whole, archived=archived
                )
        finally:
            result.clear()
            button.props(remove="loading disable")
        with result:
            _draw(audit_view(verification))
        await show_last()
        await events.show()

    for button, whole in ((added, False), (everything, True)):
        button.on_click(reporting_errors(partial(verify, button, whole=whole), where="/audit"))
    Text("h2", "Events", "section-title")
    events = EventSection(context)
    await show_last()
    await events.show()


def _month_error(text: str) -> str | None:
    try:
        months_in(text)
    except ValueError:
        return "Enter months, e.g. 2024-12, 2025-01"
    return None


def _draw_last(view: LastVerificationView) -> None:
    alert(view.text, view.tone, title=view.headline)
    if view.report:
        with box("p"):
            anchor("Report", view.report)
            Text("span", " · ")
            anchor("All verifications", "/audit?kind=audit+trail+verified")


def _draw_progress(result: ui.element, text: str) -> None:
    result.clear()
    with result, box("div", "loading"):
        ui.spinner(size="1.5em")
        Text("span", text)


def _draw(view: AuditView) -> None:
    alert(view.checked, view.tone, title=view.headline)
    for note in filter(None, (view.coverage, view.archived)):
        Text("p", note, "note")
    Text("p", view.last_checkpoint, "note")
    if not view.violations:
        return
    with box("div", "table-scroll"), box("table", "violations"):
        with box("thead"), box("tr"):
            for title in ("Decision", "Integrity error", "Chain", "Entry"):
                Text("th", title).props("scope=col")
        with box("tbody"):
            for row in view.violations:
                with box("tr"):
                    with box("td"):
                        if row.decision_id:
                            anchor(row.decision_id, f"/decisions/{row.decision_id}", "code")
                    Text("td", row.text)
                    Text("td", row.chain, "code")
                    Text("td", row.sequence, "amount")
