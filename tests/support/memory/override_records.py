"""Final decisions in memory, counted one by one."""

from collections.abc import Sequence
from statistics import median, quantiles

from application.ports.cases.override_records import (
    ANY_FINAL_DECISION,
    ListedOverride,
    OverrideFilter,
    OverrideRecords,
)
from domain.cases.case_action import CaseActionKind
from domain.cases.final_decision import FinalDecision
from domain.cases.override_figures import DwellTimes, OverrideCell, OverrideEvents, OverrideFigures
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.period import Period
from domain.monitoring.share import Share
from support.memory.decisions import MemoryDecisions


class MemoryOverrideRecords(OverrideRecords):
    """Counts the final decisions of `MemoryDecisions`."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions

    async def over(self, period: Period, wanted: OverrideFilter = ANY_FINAL_DECISION) -> OverrideFigures:
        found = self._found(period, wanted)
        kinds = [
            action.kind
            for actions in self._decisions.case_actions.values()
            for action in actions
            if period.start <= action.at < period.end
        ]
        reviews = [
            action.details
            for actions in self._decisions.case_actions.values()
            for action in actions
            if action.kind is CaseActionKind.QUALITY_REVIEWED
        ]
        dwell = [final.dwell_seconds for final, _ in found]
        ninetieth = quantiles(dwell, n=10, method="inclusive")[-1] if len(dwell) > 1 else next(iter(dwell), None)
        events = OverrideEvents(
            kinds.count(CaseActionKind.SECOND_APPROVAL_REFUSED),
            kinds.count(CaseActionKind.DUE_TIME_PASSED),
            Share(sum(not getattr(review, "agrees", True) for review in reviews), len(reviews)),
            DwellTimes(median(dwell) if dwell else None, ninetieth),
        )
        return OverrideFigures.of(period, [_cell(*each) for each in found], events)

    async def newest(self, period: Period, wanted: OverrideFilter, *, limit: int) -> Sequence[ListedOverride]:
        found = sorted(self._found(period, wanted), key=lambda each: each[0].decided_at, reverse=True)
        return [
            ListedOverride(
                final.decision_id,
                final.case_id,
                final.decided_at,
                final.system_outcome,
                final.outcome,
                final.override,
                final.reason,
                final.maker.name,
                final.checker and final.checker.name,
                record.decision.grade,
            )
            for final, record in found[:limit]
        ]

    def _found(self, period: Period, wanted: OverrideFilter) -> list[tuple[FinalDecision, DecisionRecord]]:
        records = {record.decision_id: record for record in self._decisions.records()}
        pairs = [(final, records[final.decision_id]) for final in self._decisions.final_decisions]
        return [
            (final, record)
            for final, record in pairs
            if period.start <= final.decided_at < period.end and _matches(_cell(final, record), wanted)
        ]


def _cell(final: FinalDecision, record: DecisionRecord) -> OverrideCell:
    return OverrideCell(
        final.maker.name,
        final.reason,
        record.decision.grade,
        record.application.terms.purpose or "",
        record.identity.source or "",
        final.override,
        final.outcome,
        1,
        int(final.checker is not None),
        int(final.own_view is not None),
        int(final.own_view is final.recommended),
    )


def _matches(cell: OverrideCell, wanted: OverrideFilter) -> bool:
    return all(
        getattr(wanted, name) in {None, getattr(cell, name)} for name in OverrideFilter.__dataclass_fields__
    )
