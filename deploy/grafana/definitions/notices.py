"""A row of the dashboard Decisions: notices to applicants that were not sent yet."""

from deploy.grafana.definitions.dashboard import Row
from deploy.grafana.definitions.panels import Query, above, graph, number

NOTICES = Row(
    "Notices to applicants",
    [
        number(
            "Overdue notices",
            "Notices that were not sent by their due time, which the law sets. Normal is 0.",
            Query("max(scoring_notices_overdue)", "overdue"),
            limits=above(0.5, 1),
            alerts=["NoticesOverdue"],
            width=6,
        ),
        number(
            "Due within seven days",
            "Notices that were not sent and are due within seven days. Normal is 0: a notice has 30 days.",
            Query("max(scoring_notices_due_soon)", "due soon"),
            limits=above(1, 50),
            alerts=["NoticesDueSoon"],
            width=6,
        ),
        number(
            "Longest overdue",
            "Time since the earliest due time of a notice that is overdue; 0 if none is.",
            Query("max(scoring_notice_longest_overdue_seconds)", "overdue"),
            unit="s",
            alerts=["NoticesOverdue"],
            width=6,
        ),
        number(
            "Not sent",
            "Notices that are owed to applicants and were not sent, due and issued ones.",
            Query("sum(max by (state) (scoring_notices_pending))", "not sent"),
            width=6,
        ),
        graph(
            "Notices that were not sent",
            "Due: the letter is not issued yet. Issued: its delivery is not recorded. If it only grows, more "
            "people must issue letters.",
            Query("max by (state) (scoring_notices_pending)", "{{state}}"),
            stacked=True,
            colors={"due": "orange", "issued": "blue"},
            width=24,
        ),
    ],
)
