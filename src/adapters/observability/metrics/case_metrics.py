"""Metrics of referral cases: the queue that the database holds, and the actions that this process records."""

from adapters.observability.metrics.families import Counter, Gauge
from application.ports.cases.cases import CaseChange
from application.ports.operations.stored_state import CaseQueue

_STATES = ("open", "assigned", "awaiting_applicant", "awaiting_second_approval")


class CaseMetrics:
    """`queue` is the state that was read last, absent while it cannot be read; `families` count actions."""

    def __init__(self) -> None:
        self._cases = Gauge(
            "scoring_cases",
            "Unfinished referral cases by state: `open`, `assigned`, `awaiting_applicant` or "
            "`awaiting_second_approval`.",
            ["state"],
        )
        self._overdue = Gauge(
            "scoring_cases_overdue",
            "Unfinished referral cases whose due time has passed; those that await the applicant do not count.",
        )
        self._oldest = Gauge(
            "scoring_case_oldest_age_seconds",
            "Time since the oldest referral case was opened that is unfinished and does not await the applicant; "
            "0: none.",
        )
        self._oldest_approval = Gauge(
            "scoring_case_oldest_second_approval_age_seconds",
            "Time since the oldest resolution that awaits a second approval was proposed; 0: none.",
        )
        self.queue = (self._cases, self._overdue, self._oldest, self._oldest_approval)
        self._actions = Counter(
            "scoring_case_actions",
            "Actions recorded on referral cases, by their kind as in the audit trail, such as `case claimed`.",
            ["kind"],
        )
        self._final_decisions = Counter(
            "scoring_final_decisions",
            "Cases resolved by people. outcome: approved, declined or counter_offer; override, compared with the "
            "system's decision: agreed, low_side, high_side or policy_exception.",
            ["outcome", "override"],
        )
        self.families = (self._actions, self._final_decisions)

    def set(self, queue: CaseQueue) -> None:
        """Replace the state of the queue."""
        self.clear()
        for state in _STATES:
            self._cases.set(queue.by_state.get(state, 0), state)
        self._overdue.set(queue.overdue)
        self._oldest.set(queue.oldest_seconds)
        self._oldest_approval.set(queue.oldest_second_approval_seconds)

    def clear(self) -> None:
        """Remove the state of the queue, because it is unknown."""
        for gauge in self.queue:
            gauge.clear()

    def changed(self, change: CaseChange) -> None:
        """Count a recorded action, and the final decision that it made."""
        self._actions.inc((change.action.kind.value,))
        if (final := change.final_decision) is not None:
            self._final_decisions.inc((final.outcome.value, final.override.value))
