"""A row of the dashboard Decisions: what became of loans, and how current that is."""

from deploy.grafana.definitions.dashboard import Row
from deploy.grafana.definitions.panels import Query, graph, number

LOANS = Row(
    "Outcomes of loans",
    [
        number(
            "Loans with outcomes",
            "Accepted loans of which at least one outcome is recorded. The page Outcomes compares expected with "
            "observed default.",
            Query("sum(max by (status) (scoring_loans))", "loans"),
            width=6,
        ),
        number(
            "Age of the newest outcome",
            "Time since the newest outcome was recorded; 0 if none was. If it grows beyond the interval at which "
            "outcomes arrive, imports have stopped.",
            Query("max(scoring_loan_outcome_newest_age_seconds)", "age"),
            unit="s",
            width=6,
        ),
        number(
            "Since the last import",
            "Time since an import of outcomes last finished; 0 if none did.",
            Query("max(scoring_outcome_import_last_age_seconds)", "age"),
            unit="s",
            width=6,
        ),
        number(
            "Imports not finished",
            "Imports that are queued or running. If it does not fall, no worker reads them.",
            Query("max(scoring_outcome_imports_pending)", "imports"),
            width=6,
        ),
        graph(
            "Loans by status",
            "The present status of each loan with outcomes.",
            Query("max by (status) (scoring_loans)", "{{status}}"),
            stacked=True,
            width=24,
        ),
    ],
)
