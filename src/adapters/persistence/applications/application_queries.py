"""The queries of applications: the newest decision of each chain, and the state of the application."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.applications.application_tables import applications, superseded_decisions
from adapters.persistence.audit.action_rows import bounded
from adapters.persistence.cases.case_tables import cases, final_decisions
from adapters.persistence.database.tables import decisions, scoring_policies
from adapters.persistence.database.texts import storable
from adapters.persistence.decisions.archive.record_reader import RECORD_COLUMNS
from application.ports.applications.applications import ApplicationFilter
from domain.applications.application_state import ApplicationState
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS

FINISHED = ("resolved", "withdrawn", "expired")
"""The states of cases that need nobody any more."""
_S = ApplicationState

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
PRESENT = (
    select(
        *RECORD_COLUMNS,
        decisions.c.trial,
        APPLICATION_ID.label("application_id"),
        applications.c.application_id.is_not(None).label("changed"),
        _newest_case.c.case_id,
        _newest_case.c.state.label("case_state"),
        _newest_case.c.version.label("case_version"),
        _newest_final.c.final_decision_id,
        _newest_final.c.document.label("final_document"),
    )
    .select_from(decisions)
    .outerjoin(_links, _links.c.superseded_by == decisions.c.decision_id)
    .outerjoin(applications, applications.c.application_id == APPLICATION_ID)
    .outerjoin(_newest_case, true())
    .outerjoin(_newest_final, true())
)
"""Decisions with the newest case and final decision of each."""


def conditions(wanted: ApplicationFilter, at: datetime, owner: str | None) -> list[ColumnElement[bool]]:
    """The conditions that the newest decision of an application must all meet."""
    superseded = exists().where(superseded_decisions.c.decision_id == decisions.c.decision_id)
    found = [decisions.c.trial.is_not(True), ~superseded]
    if owner is not None:
        first = decisions.alias("first")
        own = select(_owned.c.superseded_by).join(first, first.c.decision_id == _owned.c.application_id)
        found.append(
            or_(
                and_(_links.c.application_id.is_(None), decisions.c.requested_by == owner),
                decisions.c.decision_id.in_(own.where(first.c.requested_by == owner)),
            )
        )
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
        found += [_state(at) == wanted.state.value, *_narrowed(wanted.state)]
    return found


_owned = superseded_decisions.alias("owned")


def _state(at: datetime) -> ColumnElement[Any]:
    """The state at a time, as `ApplicationLife.state` says."""
    days = func.coalesce(_approval_days(), DEFAULT_REVIEW_TERMS.approval_days)
    offered_at = func.coalesce(_newest_final.c.decided_at, decisions.c.decided_at)
    outcome = func.coalesce(_newest_final.c.outcome, decisions.c.outcome)
    expired = offered_at + func.make_interval(0, 0, 0, days) <= at
    return case(
        (applications.c.state.in_([_S.ACCEPTED.value, _S.WITHDRAWN.value]), applications.c.state),
        (_newest_case.c.state.not_in(FINISHED), _S.REFERRED.value),
        (and_(outcome.in_([_S.APPROVED.value, _S.COUNTER_OFFER.value]), expired), _S.EXPIRED.value),
        (and_(outcome == _S.REFERRED.value, _newest_case.c.state == "expired"), _S.EXPIRED.value),
        else_=outcome,
    )


def _approval_days() -> Any:
    """How long an approval of the decision's policy can be accepted; NULL for a policy that states nothing."""
    days = cast(scoring_policies.c.document, JSONB)["review_terms"]["approval_days"].astext
    return (
        select(func.min(cast(days, Integer)))
        .where(scoring_policies.c.version == decisions.c.policy_version)
        .scalar_subquery()
    )


def _narrowed(state: ApplicationState) -> list[ColumnElement[bool]]:
    """A condition that follows from the state, where an index finds the few decisions that meet it."""
    if state in {_S.ACCEPTED, _S.WITHDRAWN}:
        ended = select(applications.c.decision_id).where(applications.c.state == state.value)
        return [decisions.c.decision_id.in_(ended)]
    if state is _S.COUNTER_OFFER:
        offered = select(final_decisions.c.decision_id).where(final_decisions.c.outcome == state.value)
        return [decisions.c.decision_id.in_(offered)]
    return []


def present_of(decision_id: Any) -> Select[Any]:
    """One decision with what followed it."""
    return PRESENT.where(decisions.c.decision_id == decision_id)
