"""Settings of idempotency keys, batches and webhooks."""

from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import whole_number, yes_or_no

BATCH_SETTINGS = (
    Setting(
        "idempotency_retention_days",
        whole_number(1, 3650),
        "30",
        "Minimum number of days for which an `Idempotency-Key` returns its decision or batch; then the key is "
        "deleted.",
        deprecated_name="idempotency_days",
    ),
    Setting(
        "batch_retention_days",
        whole_number(1, 3650),
        "365",
        "Days after which a finished batch is deleted with its results and errors. Its decisions stay recorded.",
        deprecated_name="batch_days",
    ),
    Setting("batch_max_rows", whole_number(1, 1_000_000_000), "5000000", "Maximum number of rows in a batch."),
    Setting(
        "batch_max_queued",
        whole_number(1, 1_000_000),
        "20",
        "Maximum number of queued and running batches of each caller; further ones get status 429.",
    ),
    Setting(
        "batch_max_queued_mb",
        whole_number(1, 1_000_000_000),
        "4096",
        "Maximum total size of the files in these batches, in MiB, for each caller.",
    ),
    Setting(
        "batch_memory_mb",
        whole_number(256, 1_000_000),
        "1024",
        "Memory limit, in MiB, of the process that reads a batch file; a worker reads one file at a time. "
        "A file that needs more is rejected.",
    ),
    Setting(
        "allow_insecure_webhooks",
        yes_or_no,
        "no",
        "`yes`: webhooks may use private addresses and plain HTTP. `no`: only HTTPS to public addresses.",
        deprecated_name="webhooks_anywhere",
    ),
)
