"""Acceptance and withdrawal from the page of an application: each asks first, and is made once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from domain.applications.application_action import LONGEST_TEXT, InvalidWithdrawal, Withdrawal, WithdrawalReason
from domain.applications.application_life import ApplicationRuleViolation
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.products.fields import LARGEST, NumberField
from domain.products.spelling import UnreadableText, read_number
from entrypoints.ui.applications.application_view import OfferView
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.error_messages import error_message_for, notify_error, reporting_errors
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.labels import WITHDRAWAL_REASONS
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, box

_WHERE = "/applications"
_AMOUNT = NumberField("amount", "Amount", "$", 0, LARGEST, "")
Change = Callable[[IdempotencyKey], Awaitable[object]]


@dataclass(slots=True)
class ApplicationChanges:
    """The dialogs of a page; `changed` shows the new state. Repeating a change sends the same key."""

    context: PageContext
    application_id: UUID
    changed: Callable[[], Awaitable[None]]
    asking: bool = False
    dialogs: ui.element = field(default_factory=lambda: box("div"))
    keys: dict[object, IdempotencyKey] = field(default_factory=dict)

    def accepting(self, offer: OfferView) -> Callable[[], Awaitable[None]]:
        """Asks which amount the applicant accepts, and records it."""

        async def accept() -> None:
            amount = await _ask_for_amount(offer)
            if amount is None:
                return

            async def record(key: IdempotencyKey) -> None:
                use_case = self.context.use_cases.applications.accept
                await use_case(self.application_id, amount, by=self.context.actor(), key=key)

            await self._change(("accept", amount), record, "Acceptance recorded")

        return self._once(accept)

    def withdrawing(self, state: ApplicationState) -> Callable[[], Awaitable[None]]:
        """Asks why the application is withdrawn, and withdraws it."""

        async def withdraw() -> None:
            answer = await _ask_for_reason(state)
            if answer is None:
                return
            reason, text = answer

            async def record(key: IdempotencyKey) -> None:
                use_case = self.context.use_cases.applications.withdraw
                await use_case(self.application_id, reason, text, by=self.context.actor(), key=key)

            await self._change(("withdraw", reason, text), record, "Application withdrawn")

        return self._once(withdraw)

    def _once(self, act: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def in_dialogs() -> None:
            if self.asking:  # a double click must not ask, and change, twice
                return
            self.asking = True
            try:
                with self.dialogs:  # the button is redrawn with the page
                    await reporting_errors(act, where=_WHERE)()
            finally:
                self.asking = False

        return in_dialogs

    async def _change(self, content: object, change: Change, done: str) -> None:
        """Make the change, and show the new state, also if a rule or another person forbids it."""
        key = self.keys.setdefault(content, IdempotencyKey(str(uuid4())))
        try:
            await change(key)
        except ApplicationRuleViolation as refused:
            notify_error(error_message_for(refused, _WHERE))
        else:
            ui.notify(done, type="positive", position="top", timeout=1500)
        await self.changed()


async def _ask_for_amount(offer: OfferView) -> Money | None:
    """The amount that the applicant accepts; None if the user goes back."""
    dialog = ui.dialog()
    dialog.props["aria-label"] = "Record the acceptance?"
    with dialog, box("div", "card dialog"):
        Text("h2", "Record the acceptance?")
        Text(
            "p", f"The applicant accepts a loan of up to {offer.amount} over {offer.term}. This cannot be undone."
        )
        amount = ui.input("Accepted amount", value=offer.amount.removeprefix("$"), prefix="$")
        amount.props("outlined stack-label inputmode=decimal maxlength=20 autofocus").mark("accepted-amount")

        def confirm() -> None:
            money, amount.error = _amount_in(amount.value or "")
            if money is not None:
                dialog.submit(money)

        _buttons(dialog, "Record acceptance", confirm, "button-primary", "")
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, Money) else None


def _amount_in(text: str) -> tuple[Money | None, str | None]:
    """The amount in a text, or what is wrong with it."""
    try:
        dollars = read_number(text, _AMOUNT)
    except UnreadableText as fault:
        return None, sentence(str(fault))
    if dollars is None or not 0 < dollars <= LARGEST:
        return None, "Enter an amount, e.g. 8,000"
    return Money.of(dollars), None


async def _ask_for_reason(state: ApplicationState) -> tuple[WithdrawalReason, str] | None:
    """Why the application is withdrawn; None if the user goes back."""
    dialog = ui.dialog()
    dialog.props["aria-label"] = "Withdraw this application?"
    with dialog, box("div", "card dialog withdrawal-dialog"):
        Text("h2", "Withdraw this application?")
        too = "The referral case ends too. " if state is ApplicationState.REFERRED else ""
        Text("p", f"{too}This cannot be undone.")
        choices = {reason.value: label for reason, label in WITHDRAWAL_REASONS.items()}
        reason = ChoiceInput(choices, label="Reason").props("outlined stack-label").mark("withdrawal-reason")
        text = ui.textarea("Explanation").props(f"outlined stack-label autogrow maxlength={LONGEST_TEXT}")
        text.mark("withdrawal-text")

        def confirm() -> None:
            reason.error = None if reason.value else "Select an option"
            text.error = None
            if not reason.value:
                return
            written = " ".join((text.value or "").split())
            try:
                Withdrawal(WithdrawalReason(reason.value), written, state)
            except InvalidWithdrawal as fault:
                text.error = "Required" if not written else sentence(str(fault))
                return
            dialog.submit((WithdrawalReason(reason.value), written))

        _buttons(dialog, "Withdraw application", confirm, "", "color=negative")
    answer = await dialog
    dialog.delete()
    return answer if isinstance(answer, tuple) else None


def _buttons(dialog: ui.dialog, action: str, confirm: Callable[[], None], classes: str, props: str) -> None:
    with box("div", "batch-actions"):
        ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")
        button = ui.button(action, on_click=confirm)
        button.props(f"unelevated no-caps {props}").classes(classes).mark("confirm")
