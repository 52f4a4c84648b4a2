"""Every alert is fired in a real Prometheus by causing its fault, and resolves; durations are scaled.

Run by scripts/drill. Faults of one phase are independent and caused at the same time.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.polling import eventually
from operations.alerts import case_faults, notice_faults, process_faults, record_faults
from operations.alerts.drill_setup import Setup, drill_setup, under_load
from operations.alerts.faults import Expected, Fault, Observed, cause_together
from operations.alerts.test_rules import NAMES


def alert(name: str, **labels: str) -> Expected:
    return Expected(name, tuple(labels.items()))


@contextmanager
def no_callers(setup: Setup) -> Iterator[None]:
    """No decision is requested, unlike a week ago; then callers begin."""
    yield
    with under_load(setup):
        eventually(lambda: not setup.alerts.firing("NoDecisions"), within=30)


WITHOUT_LOAD = (
    Fault("no one calls the API", no_callers, (alert("NoDecisions"),), may_fire_before=True),
    Fault(
        "the audit trail is never verified", record_faults.never_verified, (alert("AuditVerificationOverdue"),), 90
    ),
)
DISK = Fault(
    "a disk fills",
    process_faults.disk_filling,
    (alert("DiskFullWithinDay"), alert("DiskSpaceLow")),
    within=90,
)
CACHE = Fault(
    "Valkey is killed", process_faults.cache_killed, (alert("CacheDown"), alert("CacheBreakerOpen")), within=60
)
LOGINS = Fault(
    "invalid tokens and guessed passwords",
    process_faults.failing_logins,
    (alert("LoginFailures"), alert("LoginLockouts")),
)
CERTIFICATE = Fault(
    "a certificate for half an hour",
    process_faults.certificate_for_half_an_hour,
    (alert("CertificateExpirySoon"), alert("CertificateExpiryImminent")),
)
ALTERED = Fault("a record is altered", record_faults.record_altered, (alert("AuditTrailBroken"),))
TRUNCATED = Fault("a record is truncated", record_faults.record_truncated, (alert("DocumentsUnreadable"),))
PARTITIONS = Fault("partitions are dropped", record_faults.partitions_dropped, (alert("PartitionsMissing"),))
WORKER = Fault(
    "the worker is killed, a batch waits",
    record_faults.worker_killed_with_a_batch_queued,
    (alert("ServiceDown", job="scoring-worker"), alert("BatchQueueOld")),
    within=90,
)
WEB = Fault(
    "both web interfaces are killed",
    process_faults.web_interfaces_killed,
    (alert("ServiceDown", job="scoring-ui"),),
)
REPLICA = Fault(
    "a replica is killed four times",
    process_faults.replica_killed_again_and_again,
    (alert("ProcessRestarting"), alert("InstanceDown"), alert("ReplicaNotReady", server="one")),
    resolves=120,
)
DATABASE = Fault(
    "PostgreSQL is killed",
    process_faults.database_killed,
    (alert("DatabaseDown"), alert("DecisionAvailabilityFastBurn")),
    resolves=120,
)
CASES = Fault("a case is forgotten", case_faults.case_forgotten, (alert("CasesOverdue"),), within=150)
APPROVALS = Fault(
    "a second approval is forgotten",
    case_faults.second_approval_forgotten,
    (alert("SecondApprovalsWaiting"),),
    within=90,
)
NOTICE = Fault("a notice is forgotten", notice_faults.notice_forgotten, (alert("NoticesDueSoon"),), within=150)
LATE_NOTICE = Fault("a notice is late", notice_faults.notice_overdue, (alert("NoticesOverdue"),), within=90)
PHASES: Sequence[Sequence[Fault]] = (
    (
        Fault(
            "webhooks are refused",
            record_faults.webhooks_refused,
            (alert("WebhooksDelayed"), alert("WebhooksGivenUp")),
            within=150,
        ),
        Fault(
            "the checkpoint file is locked",
            record_faults.checkpoint_file_locked,
            (alert("CheckpointNotPublished"),),
            within=300,
            resolves=120,
        ),
        DISK,
        CACHE,
        LOGINS,
        CERTIFICATE,
        ALTERED,
        TRUNCATED,
        PARTITIONS,
    ),
    (
        WORKER,
        WEB,
        CASES,
        APPROVALS,
        NOTICE,
        LATE_NOTICE,
        Fault(
            "the node exporter is killed",
            process_faults.node_exporter_killed,
            (alert("MonitoringDown", job="node"),),
        ),
        Fault("the HTTPS server stops", process_faults.https_stopped, (alert("AddressUnreachable"),)),
        Fault("a schema that does not fit", process_faults.table_renamed, (alert("UnexpectedErrors"),)),
        Fault("requests in chunks", process_faults.requests_in_chunks, (alert("FastPathFallbacks"),), 120),
    ),
    (REPLICA,),
    (
        Fault(
            "checkpoints are locked",
            record_faults.checkpoints_locked,
            (alert("CheckpointOverdue"),),
            within=300,
            resolves=120,
        ),
        Fault("another model in a replica", process_faults.other_model, (alert("SeveralVersionsDeciding"),), 120),
    ),
    (
        Fault("a table is locked", process_faults.table_locked, (alert("DatabasePoolExhausted"),)),
        Fault(
            "a replica hangs for moments", process_faults.replica_suspended_for_moments, (alert("EventLoopLag"),)
        ),
    ),
    (
        Fault(
            "PostgreSQL is slow",
            process_faults.database_suspended_for_moments,
            (
                alert("LedgerSlow"),
                alert("LedgerQueueLong"),
                alert("DecisionLatencyFastBurn"),
                alert("DecisionLatencySlowBurn"),
            ),
            resolves=500,
            may_fire_before=True,
        ),
    ),
    (
        Fault(
            "PostgreSQL is killed",
            process_faults.database_killed,
            (alert("DatabaseDown"), alert("DecisionAvailabilityFastBurn"), alert("DecisionAvailabilitySlowBurn")),
            resolves=500,
            may_fire_before=True,
        ),
    ),
)
"""With load; a fault that stops decisions is alone."""


def line(each: Observed) -> str:
    """A row of the table."""
    fired = "did not fire" if each.fired_after is None else f"{each.fired_after:.0f} s"
    resolved = "did not resolve" if each.resolved_after is None else f"{each.resolved_after:.0f} s"
    return f"| {each.fault} | {each.alert.name} | {fired} | {resolved} | {each.error}".rstrip() + "|"


def report(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(wanted: Sequence[str]) -> int:
    """Run the faults of these alerts, or all; print a table, and return the exit code."""
    if unknown := sorted(set(wanted) - set(NAMES)):
        report(f"There is no alert {', '.join(unknown)}.")
        return 2
    found: list[Observed] = []
    with tempfile.TemporaryDirectory(prefix="drill-") as name, drill_setup(Path(name)) as setup:
        report("| fault | alert | fired after | resolved after |  |\n| --- | --- | --- | --- | --- |")

        def run(phase: Sequence[Fault]) -> None:
            chosen = [each for each in phase if not wanted or {alert.name for alert in each.alerts} & set(wanted)]
            possible = [each for each in chosen if setup.disk is not None or each is not DISK]
            for each in cause_together(setup, possible):
                found.append(each)
                report(line(each))

        run(WITHOUT_LOAD)
        with under_load(setup):
            for phase in PHASES:
                run(phase)
        resolved = setup.notifications.alerts("page", "resolved") | setup.notifications.alerts(
            "ticket", "resolved"
        )
    complete = {each.alert.name for each in found if each.complete}
    report(f"\n{len(complete)} alerts fired and resolved, {len(complete & resolved)} also at the receivers.")
    missing = [name for name in wanted or NAMES if name not in complete and name != "Watchdog"]
    if missing:
        report(f"Without: {', '.join(missing)}" + ("" if setup.disk else " (no file system can be mounted here)"))
    return int(not all(each.complete for each in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
