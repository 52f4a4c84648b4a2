"""New application: a form with the product's fields that leads to the decision."""

from collections.abc import Mapping
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import Permission
from domain.applications.bureau_fields import BUREAU_REPORT_DATE
from domain.applications.loan_application import LoanApplication
from domain.decisions.circumstances import BureauReportInFuture
from domain.products.plausibility import questionable
from entrypoints.ui.applications.application_form import entries_of, sample_of
from entrypoints.ui.applications.application_inputs import ApplicationInputs
from entrypoints.ui.applications.bureau_inputs import IN_FUTURE, bureau_entries
from entrypoints.ui.applications.draft import ENTRIES, Draft, texts_in, user_key
from entrypoints.ui.applications.identity_inputs import COPIED
from entrypoints.ui.applications.review_dialog import confirmed_in_review
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, anchor, box, icon, page_header

COPY_OF = "copy_of"
"""The query parameter with the decision whose values the form begins with."""


def register(interface: Interface) -> None:
    """Register the page /."""
    add_page(interface, "/", "New application", _build, current="/")


async def _build(context: PageContext) -> None:
    context.actor().require(Permission.ASSESS_APPLICATIONS)
    form = ApplicationForm(context)
    with page_header("New application", "All fields are required unless marked optional."):
        clear = ui.button("Clear form", on_click=form.clear).props("flat no-caps icon=clear")
        clear.classes("button-text")
        sample = ui.button("Use sample data", on_click=form.use_sample_data)
        sample.props("flat no-caps icon=auto_fix_high").classes("button-text")
    notice = box("div", "form-notice")
    form.build()
    copied = context.request.query_params.get(COPY_OF)
    if copied is not None:
        with notice:
            await _copy(copied, form, context)

    def restore(texts: Mapping[str, str]) -> None:
        if texts == {name: entry or "" for name, entry in form.inputs.entries.items()}:
            return
        form.inputs.fill(texts)
        notice.clear()
        with notice:
            alert("Your entries were restored. Check them before you submit.", "info")

    element_ids = {name: element.id for name, element in form.inputs.by_name.items()}
    key = user_key(context.interface.draft_secret, context.actor().name)
    form.draft.keep(element_ids, key=key, restore=restore)


async def _copy(identifier: str, form: "ApplicationForm", context: PageContext) -> None:
    """Fill the form with the values of a decision that the user may read."""
    try:
        decision_id = UUID(identifier)
    except ValueError as error:
        raise DecisionNotFound(f"there is no decision {identifier}") from error
    record = await context.use_cases.read_decision(decision_id, by=context.actor())
    product = await context.use_cases.read_product_of(record)
    values = product.values_of(record.application)
    same = {
        name: value
        for name, value in values.items()
        if name in form.inputs.product.field_by_name and form.inputs.product.field_by_name[name].allows(value)
    }
    if product.name != form.inputs.product.name or not same:
        alert(f"The decision is on another product ({product.label}).", "warning", title="Nothing was copied")
        return
    references = {name: getattr(record.identity, name) for name in COPIED}
    form.inputs.fill(entries_of(same) | references | bureau_entries(record.circumstances))
    missing = [field.label for name, field in form.inputs.product.field_by_name.items() if name not in same]
    more = f" Please enter: {', '.join(missing)}." if missing else ""
    with alert(f"Change what is different.{more}", "info", title="Copied from an earlier application"):
        anchor("Open its decision", f"/decisions/{decision_id}")


class ApplicationForm:
    """The form and its submission."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        self.draft = Draft.new()
        pricing = context.use_cases.read_policy_in_force().pricing
        self.inputs = ApplicationInputs(context.use_cases.read_product_in_force(), pricing)
        self.submitting = False
        self.confirmed: LoanApplication | None = None

    def build(self) -> None:
        async def submit(event: GenericEventArguments) -> None:
            self.inputs.fill(texts_in(event.args, self.inputs.by_name))
            await reporting_errors(self.submit, where="/")()

        form = box("form", "application").props("novalidate").mark("application")
        with form.on("submit.prevent", submit, js_handler=ENTRIES):
            self.inputs.draw()
            with box("div", "form-actions"):
                self.button = ui.button("Assess application").props(
                    "unelevated no-caps type=submit icon-right=east"
                )
                self.button.classes("button-primary")
                with box("p", "note"):
                    icon("history_edu")
                    Text("span", "Your name, the time and these details will be recorded.")

    def use_sample_data(self) -> None:
        self.inputs.fill(sample_of(self.inputs.product))

    def clear(self) -> None:
        self.draft.discard()
        ui.navigate.to("/")

    async def submit(self) -> None:
        """Assess the application and open the decision, or show an error at each invalid field."""
        if self.submitting:
            return
        self.submitting = True
        try:
            submission = self.inputs.read()
            if submission is None or not await self._plausible(submission.application):
                return
            self.button.props("loading")
            assess, key = self.context.use_cases.assess_once, self.draft.key_of(submission)
            once = await assess(
                submission.application,
                key=key,
                by=self.context.actor(),
                received_through="web",
                identity=submission.identity,
                circumstances=submission.circumstances,
            )
        except BureauReportInFuture:
            self.inputs.reject({BUREAU_REPORT_DATE: IN_FUTURE})
            return
        finally:
            self.submitting = False
            self.button.props(remove="loading")
        self.draft.discard()
        ui.navigate.to(f"/decisions/{once.record.decision_id}")

    async def _plausible(self, application: LoanApplication) -> bool:
        """Whether no value is questionable, or the user has confirmed those that are."""
        product = self.inputs.product
        checks = questionable(product.plausibility, product.values_of(application), product.amount)
        if not checks or application == self.confirmed:
            return True
        if not await confirmed_in_review(checks, application, product):
            self.inputs.focus(checks[0].field)
            return False
        self.confirmed = application
        return True
