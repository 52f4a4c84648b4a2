"""Batches and webhooks: the queue, the workers' throughput, and deliveries."""

from deploy.grafana.definitions.dashboard import Dashboard, Row
from deploy.grafana.definitions.panels import Query, above, graph, number
from deploy.grafana.definitions.promql import increase, or_zero, quantile, rate, ratio

_ROWS = "scoring_batch_rows_total"
_DELIVERIES = "scoring_webhook_deliveries_total"
_WORKER = 'job="scoring-worker"'
_RESULT_COLORS = {"approved": "green", "referred": "orange", "declined": "red", "rejected": "purple"}

BATCHES_AND_WEBHOOKS = Dashboard(
    identifier="batches-and-webhooks",
    title="Batches and webhooks",
    description="Queue of batches, rows and durations, webhook deliveries and the outbox.",
    variables=[],
    rows=[
        Row(
            "Now",
            [
                number(
                    "Queued batches",
                    "Batches that wait for a worker.",
                    Query('max(scoring_batches_pending{state="queued"})', "queued"),
                ),
                number(
                    "Running batches",
                    "Batches that a worker processes now: at most one for each worker.",
                    Query('max(scoring_batches_pending{state="running"})', "running"),
                ),
                number(
                    "Oldest queued batch",
                    "How long the oldest queued batch has waited. Add workers if it is often more than ten "
                    "minutes.",
                    Query("max(scoring_batch_oldest_queued_age_seconds)", "age"),
                    unit="s",
                    limits=above(600, 3600),
                    alerts=["BatchQueueOld"],
                ),
                number(
                    "Webhooks to deliver",
                    "Messages in the outbox. Normal is close to 0; failed deliveries are retried.",
                    Query("max(scoring_outbox_pending_messages)", "pending"),
                    limits=above(100, 1000),
                ),
                number(
                    "Oldest webhook",
                    "How long the oldest message in the outbox has waited.",
                    Query("max(scoring_outbox_oldest_pending_age_seconds)", "age"),
                    unit="s",
                    limits=above(600, 3600),
                    alerts=["WebhooksDelayed"],
                ),
                number(
                    "Dead letters",
                    "Messages that the service no longer tries to deliver. Normal is 0.",
                    Query("max(scoring_outbox_dead_letters)", "dead letters"),
                    limits=above(1, 10),
                    alerts=["WebhooksGivenUp"],
                ),
            ],
        ),
        Row(
            "Batches",
            [
                graph(
                    "Queue",
                    "Batches that are queued and running. A queue that only grows needs more workers.",
                    Query("max by (state) (scoring_batches_pending)", "{{state}}"),
                ),
                graph(
                    "Age of the oldest queued batch",
                    "How long the oldest queued batch has waited. 0 if there is none.",
                    Query("max(scoring_batch_oldest_queued_age_seconds)", "age"),
                    unit="s",
                    limits=above(600, 3600),
                    alerts=["BatchQueueOld"],
                ),
                graph(
                    "Workers",
                    "Workers that Prometheus reaches. Without one, batches wait.",
                    Query(f"sum(up{{{_WORKER}}})", "up"),
                ),
                graph(
                    "Rows",
                    "Rows recorded per second, by result. Rejected rows could not be read as applications.",
                    Query(rate(_ROWS, "", "result"), "{{result}}"),
                    unit="ops",
                    colors=_RESULT_COLORS,
                    stacked=True,
                ),
                graph(
                    "Rejected rows",
                    "Share of rows that were rejected. It depends on who sends files; near 1 means a wrong "
                    "format.",
                    Query(ratio(_ROWS, 'result="rejected"', ""), "rejected"),
                    unit="percentunit",
                    maximum=1,
                ),
                graph(
                    "Finished batches",
                    "Batches finished in the time shown, by state. `failed` means a file that could not be "
                    "processed.",
                    Query(increase("scoring_batches_finished_total", "", "state"), "{{state}}"),
                    colors={"done": "green", "failed": "red", "cancelled": "blue"},
                ),
                graph(
                    "Duration of batches",
                    "Time from a batch's first start to its end. A worker records some thousand rows per second.",
                    *(
                        Query(quantile(part, "scoring_batch_duration_seconds", "", over="$__range"), name)
                        for part, name in ((0.5, "median"), (0.95, "95th percentile"))
                    ),
                    unit="s",
                    width=12,
                ),
                graph(
                    "Event loop lag of workers, 99th percentile",
                    "How late the workers' event loop runs. Chunks of a file cause lags of some tens of "
                    "milliseconds.",
                    Query(quantile(0.99, "scoring_event_loop_lag_seconds", _WORKER, "instance"), "{{instance}}"),
                    unit="s",
                    width=12,
                ),
            ],
        ),
        Row(
            "Webhooks",
            [
                graph(
                    "Deliveries",
                    "Attempts to deliver a webhook per second: delivered, failed (will be retried) and dead "
                    "(given up).",
                    Query(rate(_DELIVERIES, "", "result"), "{{result}}"),
                    unit="ops",
                    colors={"delivered": "green", "failed": "orange", "dead": "red"},
                    stacked=True,
                ),
                graph(
                    "Failed deliveries",
                    "Share of attempts that failed. Near 1: the receiver is down or rejects the signature.",
                    Query(ratio(_DELIVERIES, 'result!="delivered"', ""), "failed"),
                    unit="percentunit",
                    maximum=1,
                    limits=above(0.1, 0.5),
                ),
                graph(
                    "Outbox",
                    "Messages that wait for delivery, and messages that were given up.",
                    Query("max(scoring_outbox_pending_messages)", "pending"),
                    Query("max(scoring_outbox_dead_letters)", "dead letters"),
                    colors={"dead letters": "red"},
                    alerts=["WebhooksGivenUp"],
                ),
                graph(
                    "Age of the oldest webhook",
                    "How long the oldest message has waited. It grows while a receiver is down.",
                    Query("max(scoring_outbox_oldest_pending_age_seconds)", "age"),
                    unit="s",
                    limits=above(600, 3600),
                    width=12,
                    alerts=["WebhooksDelayed"],
                ),
                number(
                    "Delivered in the time shown",
                    "Webhooks delivered in the time shown.",
                    Query(or_zero(increase(_DELIVERIES, 'result="delivered"')), "delivered"),
                    width=12,
                    height=8,
                ),
            ],
        ),
    ],
)
