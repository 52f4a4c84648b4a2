"""The queries of applications: the newest decision of each chain, and the state of the application."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.applications.application_tables import applications, superseded_decisions
from adapters.persistence.audit.action_rows import bounded
from adapters.persistence.cases.case_tables import cases, final_decisions
from adapters.persistence.database.tables import decisions, scoring_policies
from adapters.persistence.database.texts import storable
from adapters.persistence.decisions.archive.record_reader import RECORD_COLUMNS
from application.ports.applications.applications import CASE_EXPIRED, ApplicationFilter
from domain.applications.application_state import ApplicationState
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS

FINISHED = ("resolved", "withdrawn", "expired")
"""The states of finished cases."""
_S = ApplicationState
_OFFERED = (_S.APPROVED.value, _S.COUNTER_OFFER.value)

_links = superseded_decisions.alias("links")
_newest_case = (
    select(cases.c.case_id, cases.c.state, cases.c.version)
    .where(cases.c.decision_id == decisions.c.decision_id)
    .order_by(cases.c.opened_at.desc(), cases.c.case_id.desc())
    .limit(1)
    .lateral("newest_case")
)
_newest_final = (
    select(
        final_decisions.c.final_decision_id,
        final_decisions.c.outcome,
        final_decisions.c.decided_at,
        bounded(final_decisions),
    )
    .where(final_decisions.c.decision_id == decisions.c.decision_id)
    .order_by(final_decisions.c.number.desc())
    .limit(1)
    .lateral("newest_final")
)
APPLICATION_ID = func.coalesce(_links.c.application_id, decisions.c.decision_id)
_JOINED = (
    decisions.outerjoin(_links, _links.c.superseded_by == decisions.c.decision_id)
    .outerjoin(applications, applications.c.application_id == APPLICATION_ID)
    .outerjoin(_newest_case, true())
    .outerjoin(_newest_final, true())
)
PRESENT = select(
    *RECORD_COLUMNS,
    decisions.c.trial,
    APPLICATION_ID.label("application_id"),
    applications.c.application_id.is_not(None).label("changed"),
    _newest_case.c.case_id,
    _newest_case.c.state.label("case_state"),
    _newest_case.c.version.label("case_version"),
    _newest_final.c.final_decision_id,
    _newest_final.c.document.label("final_document"),
).select_from(_JOINED)
"""Decisions with the newest case and final decision of each."""


ApprovalDays = Mapping[str, int]
"""How many days an approval lasts, by the version of the policy, where it is not the usual number."""
_DAYS: Any = cast(cast(scoring_policies.c.document, JSONB)["review_terms"]["approval_days"].astext, Integer)
APPROVAL_DAYS = (
    select(scoring_policies.c.version, func.min(_DAYS).label("days"))
    .where(DEFAULT_REVIEW_TERMS.approval_days != _DAYS)
    .group_by(scoring_policies.c.version)
)
"""The rows of ApprovalDays."""


_KEY = (decisions.c.decided_at, decisions.c.decision_id)
Position = tuple[datetime, UUID]
"""The time and the identifier of a decision in a list."""


def page_of(  # noqa: PLR0917 - what determines a page
    wanted: ApplicationFilter,
    at: datetime,
    owner: str | None,
    days: ApprovalDays,
    before: Position | None,
    limit: int,
) -> Select[Any]:
    """The applications that match, the newest decision first.

    They are found in an index that has all that the conditions need; documents are read for the page only.
    """
    found = select(*_KEY).select_from(_JOINED).where(*_conditions(wanted, at, owner, days))
    found = found if before is None else found.where(tuple_(*_KEY) < before)
    page = found.order_by(*(column.desc() for column in _KEY)).limit(limit).cte("page")
    query = PRESENT.join(page, page.c.decision_id == decisions.c.decision_id)
    return query.order_by(page.c.decided_at.desc(), page.c.decision_id.desc())


def _conditions(
    wanted: ApplicationFilter, at: datetime, owner: str | None, days: ApprovalDays
) -> list[ColumnElement[bool]]:
    """The conditions that the newest decision of an application must all meet."""
    superseded = exists().where(superseded_decisions.c.decision_id == decisions.c.decision_id)
    found = [decisions.c.trial.is_not(True), ~superseded]
    if owner is not None:
        found += _owned_by(owner, in_order=wanted.state is not None)
    for column, reference in (
        (decisions.c.application_reference, wanted.reference),
        (decisions.c.applicant_reference, wanted.applicant_reference),
    ):
        if reference is not None:  # the index has lower case
            text = storable(reference)
            found += [
                column.is_not(None),
                func.lower(column) == func.lower(literal(text, Text())),
                column == text,
            ]
    if wanted.state is not None:
        found += [_state(at, days) == wanted.state.value, *_narrowed(wanted.state, at, days)]
    return found


def _owned_by(owner: str, *, in_order: bool) -> list[ColumnElement[bool]]:
    """The first decision of the chain was requested by the owner.

    PostgreSQL takes few decisions to be in any state. With `in_order`, it cannot read all of the owner's for that
    reason, and finds the newest in the order of the list.
    """
    first, chain = decisions.alias("first"), superseded_decisions.alias("chain")
    newest = select(chain.c.superseded_by).join(first, first.c.decision_id == chain.c.application_id)
    of_chain = _is_one_of(newest.where(first.c.requested_by == owner))
    own = decisions.c.requested_by == owner
    single = _links.c.application_id.is_(None)
    return [or_(and_(single, own), of_chain)] if in_order else [or_(single, of_chain), or_(own, of_chain)]


def _is_one_of(found: Select[Any]) -> ColumnElement[bool]:
    """Whether the decision is one that the query finds; the query runs once."""
    return decisions.c.decision_id == any_(func.array(found.scalar_subquery()))


def _state(at: datetime, days: ApprovalDays) -> ColumnElement[Any]:
    """The state at a time, as `ApplicationLife.state` says."""
    usual: Any = DEFAULT_REVIEW_TERMS.approval_days
    lasts = case(dict(days), value=decisions.c.policy_version, else_=usual) if days else usual
    offered_at = func.coalesce(_newest_final.c.decided_at, decisions.c.decided_at)
    outcome = func.coalesce(_newest_final.c.outcome, decisions.c.outcome)
    expired = offered_at + func.make_interval(0, 0, 0, lasts) <= at
    return case(
        (applications.c.state.in_([_S.ACCEPTED.value, _S.WITHDRAWN.value]), applications.c.state),
        (_newest_case.c.state.not_in(FINISHED), _S.REFERRED.value),
        (and_(outcome.in_(_OFFERED), expired), _S.EXPIRED.value),
        (and_(outcome == _S.REFERRED.value, _newest_case.c.state == CASE_EXPIRED), _S.EXPIRED.value),
        else_=outcome,
    )


def _narrowed(state: ApplicationState, at: datetime, days: ApprovalDays) -> list[ColumnElement[bool]]:
    """A condition that follows from the state, where an index finds the decisions that meet it."""
    lasting = (DEFAULT_REVIEW_TERMS.approval_days, *days.values())
    decided_at, final = decisions.c.decided_at, final_decisions.c
    if state in {_S.ACCEPTED, _S.WITHDRAWN}:
        return [_is_one_of(select(applications.c.decision_id).where(applications.c.state == state.value))]
    if state is _S.COUNTER_OFFER:
        return [_is_one_of(select(final.decision_id).where(final.outcome == state.value))]
    if state is _S.APPROVED:
        since = at - timedelta(days=max(lasting))
        by_person = select(final.decision_id).where(final.outcome == state.value, final.decided_at > since)
        return [or_(decided_at > since, _is_one_of(by_person))]
    if state is _S.EXPIRED:
        unanswered = select(cases.c.decision_id).where(cases.c.state == CASE_EXPIRED)
        return [or_(decided_at <= at - timedelta(days=min(lasting)), _is_one_of(unanswered))]
    return []


def present_of(decision_id: Any) -> Select[Any]:
    """One decision with what followed it."""
    return PRESENT.where(decisions.c.decision_id == decision_id)
