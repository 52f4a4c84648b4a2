"""New application: a form with the product's fields that leads to the decision."""

from collections.abc import Mapping
from uuid import UUID

from nicegui import ui
from nicegui.events import GenericEventArguments

from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import Permission
from domain.applications.application_identity import TEXTS
from domain.applications.bureau_fields import BUREAU_REPORT_DATE
from domain.applications.loan_application import LoanApplication
from domain.applications.superseding import SupersedesReason, Superseding
from domain.applications.synthetic import unreserved
from domain.decisions.circumstances import BureauReportInFuture
from domain.products.plausibility import questionable
from entrypoints.ui.applications.application_form import entries_of, sample_of
from entrypoints.ui.applications.application_inputs import ApplicationInputs, Submission
from entrypoints.ui.applications.bureau_inputs import IN_FUTURE, bureau_entries
from entrypoints.ui.applications.draft import ENTRIES, Draft, texts_in, user_key
from entrypoints.ui.applications.identity_inputs import COPIED
from entrypoints.ui.applications.review_dialog import confirmed_in_review
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.labels import SUPERSEDES_REASONS
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.widgets import Text, alert, anchor, box, icon, page_header

COPY_OF = "copy_of"
"""The query parameter with the decision whose values the form begins with."""
SUPERSEDES = "supersedes"
"""The query parameter with the decision whose application is decided again."""


def register(interface: Interface) -> None:
    """Register the page /."""
    add_page(interface, "/", "New application", _build, current="/")


async def _build(context: PageContext) -> None:
    context.actor().require(Permission.ASSESS_APPLICATIONS)
    superseded = context.request.query_params.get(SUPERSEDES)
    form = ApplicationForm(context, again=superseded is not None)
    title = "New application" if superseded is None else "Decide again"
    with page_header(title, "All fields are required unless marked optional."):
        clear = ui.button("Clear form", on_click=form.clear).props("flat no-caps icon=clear")
        clear.classes("button-text")
        sample = ui.button("Use sample data", on_click=form.use_sample_data)
        sample.props("flat no-caps icon=auto_fix_high").classes("button-text")
    notice = box("div", "form-notice")
    form.build()
    copied = superseded or context.request.query_params.get(COPY_OF)
    if copied is not None:
        with notice:
            await _copy(copied, form, context)

    def restore(texts: Mapping[str, str]) -> None:
        form.inputs.fill(texts)
        notice.clear()
        with notice:
            alert("Your entries were restored. Check them before you submit.", "info")

    key = user_key(context.interface.draft_secret, context.actor().name)
    form.draft.keep(form.inputs.by_name, key=key, restore=restore)


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
    if form.reason is not None:
        form.superseded = decision_id
    identity = record.identity if form.reason is not None else unreserved(record.identity)
    references = {name: getattr(identity, name) for name in (COPIED if form.reason is None else TEXTS)}
    form.inputs.fill(entries_of(same) | references | bureau_entries(record.circumstances))
    missing = [field.label for name, field in form.inputs.product.field_by_name.items() if name not in same]
    more = f" Please enter: {', '.join(missing)}." if missing else ""
    title = "Copied from an earlier application" if form.reason is None else "The new decision supersedes this one"
    with alert(f"Change what is different.{more}", "info", title=title):
        anchor("Open its decision", f"/decisions/{decision_id}")


class ApplicationForm:
    """The form and its submission."""

    def __init__(self, context: PageContext, *, again: bool = False) -> None:
        self.context = context
        self.superseded: UUID | None = None
        self.reason: ui.select | None = None
        self._again = again
        self.draft = Draft.new()
        pricing = context.use_cases.read_policy_in_force().pricing
        self.inputs = ApplicationInputs(context.use_cases.read_product_in_force(), pricing, again=again)
        self.submitting = False
        self.confirmed: LoanApplication | None = None

    def build(self) -> None:
        async def submit(event: GenericEventArguments) -> None:
            self.inputs.fill(texts_in(event.args, self.inputs.by_name))
            await reporting_errors(self.submit, where="/")()

        form = box("form", "application").props("novalidate").mark("application")
        with form.on("submit.prevent", submit, js_handler=ENTRIES):
            if self._again:
                self.reason = ui.select(
                    {reason.value: label for reason, label in SUPERSEDES_REASONS.items()},
                    label="Reason for deciding again",
                )
                self.reason.props("outlined").classes("superseding-reason").mark("superseding-reason")
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
            if self.reason is not None and self.reason.value is None:
                self.reason.props('error error-message="Select a reason"')
                self.reason.run_method("focus")
                return
            if submission is None or not await self._plausible(submission.application):
                return
            self.button.props("loading")
            decision_id = await self._decide(submission)
        except BureauReportInFuture:
            self.inputs.reject({BUREAU_REPORT_DATE: IN_FUTURE})
            return
        finally:
            self.submitting = False
            self.button.props(remove="loading")
        self.draft.discard()
        ui.navigate.to(f"/decisions/{decision_id}")

    async def _decide(self, submission: Submission) -> UUID:
        """The decision on what is entered, which is made once however often it is submitted."""
        use_cases, by = self.context.use_cases, self.context.actor()
        application, identity, circumstances = (
            submission.application,
            submission.identity,
            submission.circumstances,
        )
        if self.superseded is None or self.reason is None:
            key = self.draft.key_of(submission)
            once = await use_cases.assess_once(
                application,
                key=key,
                by=by,
                received_through="web",
                identity=identity,
                circumstances=circumstances,
            )
            return once.record.decision_id
        superseding = Superseding(self.superseded, SupersedesReason(self.reason.value))
        content = {"submission": submission, "supersedes": str(self.superseded), "reason": self.reason.value}
        key = self.draft.key_of(content)
        request = AssessmentRequest(application, by, "web", key, identity, circumstances, superseding)
        return (await use_cases.supersede(request)).record.decision_id

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
