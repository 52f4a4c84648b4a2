"""What the page of a case shows of its decision and its history, as values that can be compared."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from application.use_cases.cases.blind_decision import BlindDecision
from application.use_cases.cases.read_cases import CaseView
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from domain.decisions.circumstances import Circumstances
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.applications.application_values import Item, grouped_values, value_texts
from entrypoints.ui.cases.comparison import ApplicationFacts, Comparison, comparison_of
from entrypoints.ui.cases.resolution_view import ResolutionView, final_view, other_view, proposal_view
from entrypoints.ui.cases.timeline import TimelineEntry, timeline_of
from entrypoints.ui.decisions.circumstance_items import circumstance_groups
from entrypoints.ui.decisions.decision_view import DecisionView, decision_view
from entrypoints.ui.shared.formats import capital, money, sentence
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.time_zone import UTC_ZONE


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case with what is needed to show it. `current` is None where the decision cannot be read."""

    view: CaseView
    current: ApplicationFacts | None = None
    policy: ScoringPolicy | None = None
    others: tuple[ApplicationFacts, ...] = ()

    @property
    def request(self) -> str:
        """What is asked for: "$12,000 over 36 months · Debt consolidation", or the amount alone."""
        if self.current is None:
            return money(self.view.case.amount)
        product = self.current.product
        values = value_texts(self.current.application, product)
        request = f"{values[product.amount]} over {values[product.term]}"
        return request if product.purpose is None else f"{request} · {values[product.purpose]}"


@dataclass(frozen=True, slots=True)
class WithheldDecision:
    """What is shown of a decision whose score and recommendation are withheld: the rules that referred it."""

    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseContent:
    """The parts of the page. Without a `decision`, `problem` says why the record cannot be read."""

    decision: DecisionView | WithheldDecision | None
    problem: str
    application: tuple[tuple[str, tuple[Item, ...]], ...]
    comparison: Comparison | None
    circumstances: tuple[Item, ...]
    resolution: ResolutionView | None
    other_resolution: ResolutionView | None
    timeline: tuple[TimelineEntry, ...]


async def read_file(view: CaseView, context: PageContext) -> CaseFile:
    """Complete a case with product, policy and the other applications."""
    use_cases, record = context.use_cases, view.record
    if isinstance(record, BlindDecision):
        product = use_cases.read_product_in_force()
        others = [ApplicationFacts.of(each, product) for each in view.related if isinstance(each, BlindDecision)]
        return CaseFile(view, ApplicationFacts.of(record, product), None, tuple(others))
    if not isinstance(record, DecisionRecord):
        return CaseFile(view)
    try:
        product = await use_cases.read_product_of(record)
    except DecisionUnreadable:
        return CaseFile(view)
    readable = [each for each in view.related if isinstance(each, DecisionRecord)]
    described = await use_cases.read_product_of.for_each(readable)
    others = [ApplicationFacts.of(*each) for each in described if isinstance(each, tuple)]
    policy = await use_cases.find_deciding_policy(record)
    return CaseFile(view, ApplicationFacts.of(record, product), policy, tuple(others))


def content_of(file: CaseFile, zone: ZoneInfo = UTC_ZONE) -> CaseContent:
    """The parts of the page, with times in the zone."""
    view, current = file.view, file.current
    decision = _decision(file, zone)
    return CaseContent(
        decision=decision,
        problem=_problem(view) if decision is None else "",
        application=() if current is None else grouped_values(current.application, current.product),
        comparison=None
        if current is None
        else comparison_of(current, file.others, len(view.related) - len(file.others), zone),
        circumstances=() if current is None else _circumstances(current.circumstances),
        resolution=_resolution(view, zone),
        other_resolution=_other_resolution(view, zone),
        timeline=timeline_of(view.case, view.actions, zone),
    )


def _decision(file: CaseFile, zone: ZoneInfo) -> DecisionView | WithheldDecision | None:
    record = file.view.record
    if isinstance(record, BlindDecision):
        reasons = [capital(reason.text) for reason in record.rule_reasons]
        return WithheldDecision(tuple(reasons or [capital(name) for name in record.failed_rules]))
    if not isinstance(record, DecisionRecord) or file.current is None:
        return None
    return decision_view(record, file.policy, file.current.product, zone)


def _resolution(view: CaseView, zone: ZoneInfo) -> ResolutionView | None:
    """The final decision, or the proposal that waits for a second person."""
    proceedings, final = view.proceedings, view.final_decision
    if final is not None:
        return final_view(final, proceedings.conditions, zone)
    if proceedings.proposal is None or proceedings.maker is None:
        return None
    return proposal_view(proceedings.proposal, proceedings.maker.name)


def _other_resolution(view: CaseView, zone: ZoneInfo) -> ResolutionView | None:
    """The valid final decision, if it was made on another case: before a review, or by one."""
    valid = view.present_decision
    if valid is None or valid.case_id == view.case.case_id:
        return None
    return other_view(valid, view.final_decision, zone)


def _problem(view: CaseView) -> str:
    if isinstance(view.record, UnreadableDecision):
        return sentence(view.record.problem)
    if view.record is None:
        return "The decision was moved to an archive. An operator can restore its month."
    return "The product of the decision is not archived here."


def _circumstances(circumstances: Circumstances) -> tuple[Item, ...]:
    return tuple(item for _, items in circumstance_groups(circumstances) for item in items)
