"""The lower rows of the dashboard Service: dependencies, security, the state of the record, and resources."""

from deploy.grafana.definitions.dashboard import Row
from deploy.grafana.definitions.panels import BREAKER, UP, YES, Query, above, below, graph, number, states, table
from deploy.grafana.definitions.promql import PROCESSES, events, quantile, rate

_DAY = 86_400
_DISKS = '{job="node",fstype!~"tmpfs|ramfs|squashfs"}'

DEPENDENCIES = Row(
    "Dependencies and caches",
    [
        states(
            "Dependencies",
            "Database, ledger (the connection that records decisions), Redis and model, as each process sees "
            "them. Without Redis decisions continue; without the database or ledger they do not.",
            Query(f"min by (job, dependency) (scoring_dependency_up{{{PROCESSES}}})", "{{job}}: {{dependency}}"),
            values=UP,
            limits=below(1, 1),
            alerts=["DatabaseDown", "CacheDown"],
        ),
        graph(
            "Database connections",
            "Connections in use by pool, and the pool's limit. At the limit, requests wait for a connection.",
            Query(
                f'sum by (job, pool) (scoring_database_pool_connections{{{PROCESSES},state="in_use"}})',
                "{{job}} {{pool}} in use",
            ),
            Query(f"sum by (job, pool) (scoring_database_pool_limit{{{PROCESSES}}})", "{{job}} {{pool}} limit"),
            alerts=["DatabasePoolExhausted"],
        ),
        graph(
            "Event loop lag, 99th percentile",
            "How late the event loop runs: every request waits at least this long. Normal is below 10 ms.",
            Query(
                quantile(0.99, "scoring_event_loop_lag_seconds", PROCESSES, "job, instance"),
                "{{job}} {{instance}}",
            ),
            unit="s",
            limits=above(0.05, 0.25),
            alerts=["EventLoopLag"],
        ),
        graph(
            "Cache hits",
            "Share of cache reads that found a result. It depends on how often clients repeat requests.",
            Query(
                f'sum by (cache) (rate(scoring_cache_events_total{{{PROCESSES},event="hits"}}[$__rate_interval]))'
                f' / sum by (cache) (rate(scoring_cache_events_total{{{PROCESSES},event=~"hits|misses"}}'
                "[$__rate_interval]))",
                "{{cache}}",
            ),
            unit="percentunit",
            maximum=1,
        ),
        graph(
            "Cache events",
            "Events of each cache per second. `failures` and `skipped` are normally 0.",
            Query(rate("scoring_cache_events_total", PROCESSES, "cache, event"), "{{cache}}: {{event}}"),
            unit="ops",
        ),
        states(
            "Cache breakers",
            "A breaker opens after failures of Redis, and decisions continue without the cache. Normal is closed.",
            Query(f"max by (job, cache) (scoring_cache_breaker_state{{{PROCESSES}}})", "{{job}}: {{cache}}"),
            values=BREAKER,
            limits=above(0.5, 1),
            alerts=["CacheBreakerOpen"],
        ),
    ],
)

SECURITY = Row(
    "Security",
    [
        graph(
            "Failed logins and lockouts",
            "Failed logins, and logins refused after too many failures, per minute. Single ones are normal; a "
            "rise is an attack or a client with an old password.",
            Query(events('kind="authentication",result="failed"', PROCESSES), "failed logins"),
            Query(events('kind="lockout"', PROCESSES), "lockouts"),
            alerts=["LoginFailures", "LoginLockouts"],
        ),
        graph(
            "Security events",
            "Security events per second by kind and result (docs/security-events.md). `denied` is normally rare.",
            Query(rate("scoring_security_events_total", PROCESSES, "kind, result"), "{{kind}} {{result}}"),
            unit="cps",
        ),
        graph(
            "Refused by rate limits",
            "Requests and logins refused per second, by limit. Sustained refusals mean a client that needs a "
            "higher limit, or one that repeats requests without waiting.",
            Query(rate("scoring_rate_limited_total", PROCESSES, "limit"), "{{limit}}"),
            unit="reqps",
        ),
    ],
)

RECORD = Row(
    "Record of decisions",
    [
        number(
            "Age of the last checkpoint",
            "Time since the audit trail was last signed. Older than the interval between checkpoints while "
            "decisions are made: a process does not sign.",
            Query("time() - max(scoring_checkpoint_last_timestamp_seconds)", "age"),
            unit="s",
            alerts=["CheckpointOverdue"],
        ),
        number(
            "Last verification",
            "Result of the last verification of the audit trail. Anything but `verified` needs action now.",
            Query("min(scoring_audit_verification_success)", "result"),
            values=YES,
            limits=below(1, 1),
            alerts=["AuditTrailBroken"],
        ),
        number(
            "Age of the last verification",
            "Time since the audit trail was last verified. The service does so daily.",
            Query("time() - max(scoring_audit_verification_timestamp_seconds)", "age"),
            unit="s",
            limits=above(1.5 * _DAY, 3 * _DAY),
            alerts=["AuditVerificationOverdue"],
        ),
        number(
            "Unreadable documents",
            "Stored documents of the last day that could not be read. Each process counts a document once.",
            Query("sum(increase(scoring_unreadable_documents_total[1d])) or vector(0)", "documents"),
            limits=above(1, 10),
            alerts=["DocumentsUnreadable"],
        ),
        number(
            "Partitions ahead",
            "Months beyond the current one that have a partition. The service keeps 3; at 0, new decisions "
            "go to the default partition next month.",
            Query("min(scoring_decision_partitions_ahead)", "months"),
            limits=below(2, 1),
            alerts=["PartitionsMissing"],
        ),
        number(
            "Size of the database",
            "Size on disk of the database, without WAL.",
            Query("max(scoring_database_size_bytes)", "size"),
            unit="bytes",
        ),
        number(
            "Recorded decisions",
            "Number of recorded decisions, as PostgreSQL estimates it.",
            Query("max(scoring_recorded_decisions_estimate)", "decisions"),
        ),
        graph(
            "Published checkpoints",
            "Number of the last checkpoint published to each destination. All destinations should be equal.",
            Query("max by (destination) (scoring_checkpoint_published_number)", "{{destination}}"),
            alerts=["CheckpointNotPublished"],
        ),
        graph(
            "Growth of the database",
            "Size of the database on disk. Compare it with the free space below.",
            Query("max(scoring_database_size_bytes)", "database"),
            unit="bytes",
        ),
        graph(
            "Time between checkpoints",
            "Time since the audit trail was last signed, over time. A saw tooth is normal.",
            Query("time() - max(scoring_checkpoint_last_timestamp_seconds)", "age"),
            unit="s",
        ),
    ],
)

RESOURCES = Row(
    "Processes and machines",
    [
        graph(
            "CPU by process",
            "CPU seconds per second: 1 is one core. An API worker uses at most one core.",
            Query(f"rate(process_cpu_seconds_total{{{PROCESSES}}}[$__rate_interval])", "{{job}} {{instance}}"),
        ),
        graph(
            "Memory by process",
            "Resident memory. It is level after the first minutes, except in a worker that reads a large file.",
            Query(f"process_resident_memory_bytes{{{PROCESSES}}}", "{{job}} {{instance}}"),
            unit="bytes",
        ),
        graph(
            "Uptime by process",
            "Time since each process started. A fall to 0 without a release is a restart after a failure.",
            Query(f"time() - process_start_time_seconds{{{PROCESSES}}}", "{{job}} {{instance}}"),
            unit="s",
            alerts=["ProcessRestarting"],
        ),
        graph(
            "Free disk space",
            "Share of each file system that is free. Without space PostgreSQL stops.",
            Query(
                f"min by (instance, mountpoint) (node_filesystem_avail_bytes{_DISKS}"
                f" / node_filesystem_size_bytes{_DISKS})",
                "{{instance}} {{mountpoint}}",
            ),
            unit="percentunit",
            maximum=1,
            limits=below(0.2, 0.1),
            alerts=["DiskSpaceLow", "DiskFullWithinDay"],
        ),
        states(
            "Servers behind the proxy",
            "State of each server as HAProxy's health checks see it.",
            Query('haproxy_server_status{job="scoring-proxy",state="UP"}', "{{proxy}}: {{server}}"),
            values=UP,
            limits=below(1, 1),
            alerts=["ReplicaNotReady"],
        ),
        states(
            "Addresses of clients",
            "Whether each address answers the blackbox exporter as it would a client, over HTTPS. Normal is up.",
            Query('probe_success{job="probe-https"}', "{{instance}}"),
            values=UP,
            limits=below(1, 1),
            alerts=["AddressUnreachable"],
        ),
        graph(
            "Certificates: time left",
            "Time until the certificate of each address or process expires. Normal is more than 30 days.",
            Query(
                'probe_ssl_earliest_cert_expiry{job="probe-https"} - time()'
                " or scoring_tls_certificate_expiry_timestamp_seconds - time()",
                "{{job}} {{instance}}",
            ),
            unit="s",
            limits=below(30 * _DAY, 7 * _DAY),
            alerts=["CertificateExpirySoon", "CertificateExpiryImminent"],
        ),
        table(
            "Versions in use",
            "Release, model and policy of the running processes. More than one line is normal only while a "
            "release is rolled out.",
            "count by (job, version, model_version, policy_version, python_version) (scoring_build_info)",
            "Processes",
            width=16,
            alerts=["SeveralVersionsDeciding"],
        ),
    ],
)
