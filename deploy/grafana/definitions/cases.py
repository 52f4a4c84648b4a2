"""A row of the dashboard Decisions: referral cases and what people decide on them."""

from deploy.grafana.definitions.dashboard import Row
from deploy.grafana.definitions.panels import Query, above, graph, number
from deploy.grafana.definitions.promql import increase

_HOUR = 3600
_FINAL = "scoring_final_decisions_total"

CASES = Row(
    "Referral cases",
    [
        number(
            "Overdue cases",
            "Unfinished cases whose due time has passed, without those that await the applicant. Normal is 0.",
            Query("max(scoring_cases_overdue)", "overdue"),
            limits=above(1, 10),
            alerts=["CasesOverdue"],
            width=6,
        ),
        number(
            "Oldest case",
            "Time since the oldest unfinished case was opened that does not await the applicant. Compare it with "
            "the due time of the policy.",
            Query("max(scoring_case_oldest_age_seconds)", "age"),
            unit="s",
            width=6,
        ),
        number(
            "Oldest second approval",
            "How long the oldest proposed resolution has awaited a second approval.",
            Query("max(scoring_case_oldest_second_approval_age_seconds)", "age"),
            unit="s",
            limits=above(8 * _HOUR, 24 * _HOUR),
            alerts=["SecondApprovalsWaiting"],
            width=6,
        ),
        number(
            "Resolved in the time shown",
            "Cases that people resolved in the time shown.",
            Query(f"{increase(_FINAL, '')} or vector(0)", "resolved"),
            width=6,
        ),
        graph(
            "Unfinished cases",
            "Cases by state. A queue that only grows needs more underwriters, or fewer referrals.",
            Query("max by (state) (scoring_cases)", "{{state}}"),
            stacked=True,
            colors={
                "open": "orange",
                "assigned": "blue",
                "awaiting_applicant": "purple",
                "awaiting_second_approval": "yellow",
            },
            width=12,
        ),
        graph(
            "Actions on cases",
            "Actions recorded in each interval, by kind: claims, notes, proposals, approvals and others.",
            Query(increase("scoring_case_actions_total", "", "kind"), "{{kind}}"),
            width=12,
        ),
        graph(
            "Final decisions by outcome",
            "Decisions of people in each interval.",
            Query(increase(_FINAL, "", "outcome"), "{{outcome}}"),
            colors={"approved": "green", "counter_offer": "blue", "declined": "red"},
            width=12,
        ),
        graph(
            "Final decisions by override",
            "Decisions of people compared with the system's. A rise of low-side overrides means that loans are "
            "approved which the score alone would not.",
            Query(increase(_FINAL, "", "override"), "{{override}}"),
            colors={"agreed": "green", "high_side": "blue", "policy_exception": "orange", "low_side": "red"},
            width=12,
        ),
    ],
)
