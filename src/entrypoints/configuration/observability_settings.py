"""Settings of logs, metrics, traces and error reports."""

from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import address, one_of, port_if_any, rate, text

OBSERVABILITY_SETTINGS = (
    Setting("log_level", one_of("debug", "info", "warning", "error"), "info", "Minimum level that is logged."),
    Setting(
        "log_format",
        one_of("auto", "json", "console"),
        "auto",
        "`json`: one JSON object per line; `console`: readable text; `auto`: console on a terminal, otherwise "
        "JSON.",
    ),
    Setting(
        "metrics_host",
        text,
        "127.0.0.1",
        "Address that the metrics ports listen on. They require no authentication.",
    ),
    Setting(
        "api_metrics_port",
        port_if_any,
        "",
        "Port for metrics of the API, at `/metrics`; several API workers use this port and those after it. "
        "Empty: none.",
    ),
    Setting("ui_metrics_port", port_if_any, "", "Port for metrics of the web interface. Empty: none."),
    Setting(
        "worker_metrics_port",
        port_if_any,
        "",
        "Port for metrics of `scoring worker`; each worker on a machine needs its own. Empty: none.",
    ),
    Setting(
        "otlp_endpoint",
        address("http", "https"),
        "",
        "OpenTelemetry collector (OTLP over HTTP), `http://host:4318`. Empty: no traces.",
    ),
    Setting(
        "trace_sample_rate",
        rate,
        "1",
        "Share of new traces that are sampled, 0 to 1. A trace that a caller started (W3C `traceparent`) is "
        "sampled where the caller samples it.",
    ),
    Setting(
        "sentry_dsn",
        address("http", "https"),
        "",
        "Sentry DSN for reports of unexpected errors. Empty: none.",
        holds_secret=True,
    ),
    Setting(
        "environment",
        text,
        "",
        "Name of this installation in traces and error reports, such as `production` or `test`. Empty: that of "
        "`OTEL_RESOURCE_ATTRIBUTES` and `SENTRY_ENVIRONMENT`.",
    ),
)
