"""Service: is it up, fast and free of errors, and what does it spend its time on?"""

from deploy.grafana.definitions.dashboard import INSTANCE, JOB, Dashboard, Row
from deploy.grafana.definitions.panels import Query, above, below, graph, number, table
from deploy.grafana.definitions.promql import DECISION_REQUESTS, PROCESSES, mean, or_zero, quantile, rate, ratio
from deploy.grafana.definitions.service_state import DEPENDENCIES, RECORD, RESOURCES, SECURITY

_REQUESTS = "scoring_request_duration_seconds"
_COUNTED = f"{_REQUESTS}_count"
_FAILED = 'status="5xx"'
_NO_FILES = 'route!~"/_nicegui.*"'
_STATUS_COLORS = {"2xx": "green", "3xx": "blue", "4xx": "yellow", "5xx": "red", "none": "dark-red"}


def _percentiles(histogram: str, where: str = PROCESSES) -> list[Query]:
    names = {0.5: "median", 0.95: "95th percentile", 0.99: "99th percentile"}
    return [Query(quantile(part, histogram, where), name) for part, name in names.items()]


_NOW = Row(
    "Now",
    [
        number(
            "Availability of decisions",
            "Share of requests for a decision that were answered without an error of the service (5xx), over the "
            "time shown. The objective is 99.9 % over 30 days.",
            Query(f"1 - {ratio(_COUNTED, _FAILED, DECISION_REQUESTS, over='$__range')}", "availability"),
            unit="percentunit",
            limits=below(0.9995, 0.999),
            maximum=1,
            alerts=["DecisionAvailabilityFastBurn"],
        ),
        number(
            "Requests",
            "Requests per second, of all routes. Health checks are included.",
            Query(rate(_COUNTED, PROCESSES), "requests"),
            unit="reqps",
        ),
        number(
            "Decision, 99th percentile",
            "99 of 100 requests for a decision are answered within this time. Normal is a few milliseconds.",
            Query(quantile(0.99, _REQUESTS, f"{PROCESSES},{DECISION_REQUESTS}"), "99th percentile"),
            unit="s",
            limits=above(0.1, 0.25),
            alerts=["DecisionLatencyFastBurn"],
        ),
        number(
            "Processes down",
            "Processes of the service that Prometheus cannot reach. Normal is 0.",
            Query('count(up{job=~"scoring-.*"} == 0) or vector(0)', "down"),
            limits=above(1, 2),
            alerts=["InstanceDown", "ServiceDown"],
        ),
        number(
            "Firing alerts",
            "Alerts that fire now, except the one that always fires (Watchdog). Each has a section in the "
            "runbook. Normal is 0.",
            Query(or_zero('count(ALERTS{alertstate="firing",alertname!="Watchdog"})'), "firing"),
            limits=above(1, 1),
        ),
        number(
            "Unexpected errors",
            "Unexpected exceptions of requests in the time shown: bugs or failing hardware. Normal is 0.",
            Query(or_zero('sum(increase(scoring_errors_total{where="request"}[$__range]))'), "errors"),
            limits=above(1, 10),
            alerts=["UnexpectedErrors"],
        ),
        table(
            "Alerts by name",
            "Alerts that fire now. Watchdog always fires: if it is missing, Prometheus does not evaluate the "
            "rules.",
            'count by (alertname, severity, job, instance) (ALERTS{alertstate="firing"})',
            "Alerts",
            width=24,
            height=5,
            alerts=["MonitoringDown"],
        ),
    ],
)

_REQUESTS_ROW = Row(
    "Traffic",
    [
        graph(
            "Requests by status",
            "Responses per second by class of status. 5xx is normally absent; 4xx are mistakes of clients.",
            Query(rate(_COUNTED, PROCESSES, "status"), "{{status}}"),
            unit="reqps",
            colors=_STATUS_COLORS,
            stacked=True,
        ),
        graph(
            "Requests by route",
            "Requests per second by route template, without the files of pages.",
            Query(rate(_COUNTED, f"{PROCESSES},{_NO_FILES}", "route"), "{{route}}"),
            unit="reqps",
            stacked=True,
        ),
        graph(
            "Requests in progress",
            "Requests being served, by process. A number that grows without more requests means that something "
            "waits.",
            Query(f"scoring_requests_in_progress{{{PROCESSES}}}", "{{job}} {{instance}}"),
        ),
        graph(
            "Latency of decisions",
            "Time from a request's arrival to the last byte of its response, for POST /api/v1/predictions.",
            *_percentiles(_REQUESTS, f"{PROCESSES},{DECISION_REQUESTS}"),
            unit="s",
            limits=above(0.1, 0.25),
            alerts=["DecisionLatencyFastBurn", "DecisionLatencySlowBurn"],
        ),
        graph(
            "Latency by route, 99th percentile",
            "Pages, lists and counterfactuals take longer than decisions: compare a route with its own past.",
            Query(quantile(0.99, _REQUESTS, f"{PROCESSES},{_NO_FILES}", "route"), "{{route}}"),
            unit="s",
        ),
        graph(
            "Error budget burn rate",
            "How many times faster than planned the error budgets of decisions are used up: 0.1 % may fail, 1 % "
            "may take longer than 0.1 s. At 1 the budget lasts 30 days; alerts fire at 14.4 over an hour, and at "
            "6 over six hours.",
            *(
                Query(f"scoring:decisions_{kind}:ratio_rate{window} / {budget}", f"{kind} over {window}")
                for kind, budget in (("failed", 0.001), ("slow", 0.01))
                for window in ("1h", "6h")
            ),
            limits=above(6, 14.4),
            alerts=["DecisionAvailabilityFastBurn", "DecisionAvailabilitySlowBurn", "DecisionLatencyFastBurn"],
        ),
        graph(
            "Exceptions",
            "Exceptions per second by place and type. `request` counts unexpected errors; the other places "
            "include expected ones, such as a wrong password.",
            Query(rate("scoring_errors_total", PROCESSES, "where, type"), "{{where}}: {{type}}"),
            unit="cps",
        ),
        graph(
            "Fast path fallbacks",
            "Requests for a decision that took the ordinary route, by reason. Invalid applications are normal; a "
            "high share of others costs latency.",
            Query(rate("scoring_fast_path_fallbacks_total", PROCESSES, "reason"), "{{reason}}"),
            unit="reqps",
            alerts=["FastPathFallbacks"],
        ),
        graph(
            "Calls, 95th percentile",
            "Duration of the ten slowest use cases and ports: what a slow request waits for.",
            Query(f"topk(10, {quantile(0.95, 'scoring_call_duration_seconds', PROCESSES, 'name')})", "{{name}}"),
            unit="s",
        ),
    ],
)

_RECORDING = Row(
    "Recording decisions",
    [
        graph(
            "Decisions per commit",
            "Decisions that one group commit records. It grows with load: that is how throughput grows.",
            Query(mean("scoring_ledger_commit_decisions", PROCESSES), "mean"),
            Query(quantile(0.95, "scoring_ledger_commit_decisions", PROCESSES), "95th percentile"),
            width=6,
        ),
        graph(
            "Duration of commits",
            "Time of one group commit in the database. Normal is 1 to 10 ms; more means a slow disk or database.",
            *_percentiles("scoring_ledger_commit_duration_seconds"),
            unit="s",
            limits=above(0.05, 0.25),
            width=6,
            alerts=["LedgerSlow"],
        ),
        graph(
            "Wait for a commit",
            "Time from submitting a decision until its commit begins: normally less than one commit takes.",
            *_percentiles("scoring_ledger_wait_seconds"),
            unit="s",
            limits=above(0.05, 0.25),
            width=6,
        ),
        graph(
            "Decisions waiting",
            "Decisions submitted and not yet recorded, by process. Normal is a few; it grows if the database is "
            "away.",
            Query(f"scoring_ledger_pending_decisions{{{PROCESSES}}}", "{{job}} {{instance}}"),
            width=6,
            alerts=["LedgerQueueLong"],
        ),
    ],
)

SERVICE = Dashboard(
    identifier="service",
    title="Service",
    description="Requests, errors, recording of decisions, dependencies, security, the record and the machines.",
    variables=[JOB, INSTANCE],
    rows=[_NOW, _REQUESTS_ROW, _RECORDING, DEPENDENCIES, SECURITY, RECORD, RESOURCES],
)
