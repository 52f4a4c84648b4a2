"""Decisions: how many, with which outcome, and why, the cases of those that are referred, and notices."""

from deploy.grafana.definitions.cases import CASES
from deploy.grafana.definitions.dashboard import CHANNEL, Dashboard, Row
from deploy.grafana.definitions.loans import LOANS
from deploy.grafana.definitions.notices import NOTICES
from deploy.grafana.definitions.panels import Query, above, bars, graph, number, table
from deploy.grafana.definitions.promql import CHANNELS, increase, or_zero, rate, ratio, share

_DECISIONS = "scoring_decisions_total"
_OUTCOME_COLORS = {"approved": "green", "referred": "orange", "declined": "red"}
_GRADE_COLORS = {
    "A": "dark-green",
    "B": "green",
    "C": "light-green",
    "D": "yellow",
    "E": "orange",
    "F": "red",
    "G": "dark-red",
}


def _rate_of(outcome: str, meaning: str) -> Query:
    return Query(ratio(_DECISIONS, f'outcome="{outcome}"', CHANNELS, over="$__range"), meaning)


DECISIONS = Dashboard(
    identifier="decisions",
    title="Decisions",
    description="Decisions by outcome, grade, version and channel, rules that were not met, cases, and notices.",
    variables=[CHANNEL],
    rows=[
        Row(
            "In the time shown",
            [
                number(
                    "Decisions",
                    "Decisions recorded in the time shown.",
                    Query(increase(_DECISIONS, CHANNELS), "decisions"),
                    width=6,
                ),
                number(
                    "Approval rate",
                    "Share of decisions that are approvals. It depends on who applies: compare it with its own "
                    "past.",
                    _rate_of("approved", "approved"),
                    unit="percentunit",
                    width=6,
                ),
                number(
                    "Referral rate",
                    "Share of decisions that an underwriter must review.",
                    _rate_of("referred", "referred"),
                    unit="percentunit",
                    width=6,
                ),
                number(
                    "Decline rate",
                    "Share of decisions that are declines.",
                    _rate_of("declined", "declined"),
                    unit="percentunit",
                    width=6,
                ),
            ],
        ),
        Row(
            "Outcomes",
            [
                graph(
                    "Decisions by outcome",
                    "Decisions per second. No decisions at a time of business needs a look at the dashboard "
                    "Service.",
                    Query(rate(_DECISIONS, CHANNELS, "outcome"), "{{outcome}}"),
                    unit="ops",
                    colors=_OUTCOME_COLORS,
                    stacked=True,
                    width=12,
                    alerts=["NoDecisions"],
                ),
                graph(
                    "Share of outcomes",
                    "Approvals, referrals and declines as shares of all decisions. A step without a new version "
                    "means that other people apply, or that a caller sends other data.",
                    Query(share(_DECISIONS, CHANNELS, "outcome"), "{{outcome}}"),
                    unit="percentunit",
                    maximum=1,
                    stacked=True,
                    colors=_OUTCOME_COLORS,
                    width=12,
                ),
                graph(
                    "Decisions by channel",
                    "Decisions per second from the API, the web interface and batches.",
                    Query(rate(_DECISIONS, CHANNELS, "channel"), "{{channel}}"),
                    unit="ops",
                    stacked=True,
                ),
                graph(
                    "Approval rate by channel",
                    "Share of approvals in each channel.",
                    Query(
                        f'sum by (channel) (rate({_DECISIONS}{{{CHANNELS},outcome="approved"}}[$__rate_interval]))'
                        f" / {rate(_DECISIONS, CHANNELS, 'channel')}",
                        "{{channel}}",
                    ),
                    unit="percentunit",
                    maximum=1,
                ),
                graph(
                    "Decisions by version",
                    "Decisions per second by model and policy. A change shows when a new version takes over.",
                    Query(
                        rate(_DECISIONS, CHANNELS, "model_version, policy_version"),
                        "model {{model_version}}, policy {{policy_version}}",
                    ),
                    unit="ops",
                    stacked=True,
                    alerts=["SeveralVersionsDeciding"],
                ),
            ],
        ),
        Row(
            "Grades",
            [
                bars(
                    "Grades in the time shown",
                    "Decisions by grade, from A (lowest risk) to G.",
                    increase(_DECISIONS, CHANNELS, "grade"),
                    order="grade",
                ),
                graph(
                    "Decisions by grade",
                    "Decisions per second by grade.",
                    Query(rate(_DECISIONS, CHANNELS, "grade"), "{{grade}}"),
                    unit="ops",
                    colors=_GRADE_COLORS,
                    stacked=True,
                ),
                table(
                    "Outcome by grade",
                    "Decisions by grade and outcome in the time shown. A good grade that is declined failed a "
                    "rule.",
                    increase(_DECISIONS, CHANNELS, "grade, outcome"),
                    "Decisions",
                ),
            ],
        ),
        Row(
            "Rules and confidence",
            [
                bars(
                    "Rules not met in the time shown",
                    "How often each rule of the policy was not met. One decision can fail several rules.",
                    increase("scoring_decision_failed_rules_total", "", "rule"),
                    width=12,
                ),
                graph(
                    "Rules not met",
                    "Failures of each rule per second. A jump of one rule often means that a caller changed a "
                    "field.",
                    Query(rate("scoring_decision_failed_rules_total", "", "rule"), "{{rule}}"),
                    unit="ops",
                    width=12,
                ),
                graph(
                    "Share of confidence",
                    "How certain decisions are. Low confidence: the interval of the PD spans a cut-off, or the "
                    "applicant is unlike those in training.",
                    Query(share("scoring_decision_confidence_total", CHANNELS, "confidence"), "{{confidence}}"),
                    unit="percentunit",
                    maximum=1,
                    stacked=True,
                    colors={"high": "green", "medium": "yellow", "low": "orange"},
                    width=12,
                ),
                graph(
                    "Outside the population",
                    "Share of applicants outside the range seen in training. Normal is a few percent; a rise "
                    "means that the model is asked about people it does not know.",
                    Query(
                        f"({or_zero(rate('scoring_decision_outside_population_total', CHANNELS))})"
                        f" / {rate(_DECISIONS, CHANNELS)}",
                        "outside",
                    ),
                    unit="percentunit",
                    limits=above(0.1, 0.25),
                    width=12,
                ),
            ],
        ),
        CASES,
        NOTICES,
        LOANS,
    ],
)
