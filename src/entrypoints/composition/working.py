"""Putting a worker together: it decides batches, and tells of their ends, until it is asked to stop."""

import asyncio
import random
from functools import cache, partial

from adapters.messaging.webhook_messenger import WebhookMessenger
from adapters.observability.metrics.batch_metrics import BatchMetrics
from adapters.observability.observability import Observability
from adapters.observability.wrappers.observed_worker_ports import ObservedBatchWork, ObservedOutbox
from adapters.persistence.batches.batch_work import PostgresBatchWork
from adapters.persistence.batches.outbox import PostgresOutbox
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.excess_privileges import excess_privileges
from adapters.persistence.database.privileges import WORKER
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.scoring.bundles.bundle import ModelBundle, bundle_files, bundle_from
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.ports.batches.webhooks import Outbox
from application.use_cases.batches.decide_next_batch import DecideNextBatch, Tools
from application.use_cases.batches.deliver_webhook import DeliverNextWebhook
from application.use_cases.batches.prefetching_decider import PrefetchingDecider
from application.use_cases.models.archive_versions import ArchiveVersions
from entrypoints.composition.chores import PeriodicTasks
from entrypoints.composition.garbage import rarely_collecting_garbage
from entrypoints.composition.heap import keep_one_heap
from entrypoints.composition.metrics import metrics_port
from entrypoints.composition.own_rights import CHECKING_RIGHTS, WarnOfExcessRights
from entrypoints.composition.portfolio_deciders import processors
from entrypoints.composition.release import VERSION
from entrypoints.composition.secrets import recipient_secrets
from entrypoints.composition.versions import KEEPING, ArchiveChampion
from entrypoints.configuration.settings import Settings
from entrypoints.worker.rounds import rounds

_CHUNK_ROWS = 10_000
"""Recorded in one transaction; also what is done again when a worker is lost."""
_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_BETWEEN_COUNTS = 10.0
"""Of messages that wait, for the metrics."""


async def work(settings: Settings, stopping: asyncio.Event, *, lease_seconds: float) -> None:
    """Decide batches as they come; return, once the chunk at hand is on record, when asked to stop."""
    keep_one_heap()
    observability = Observability.start(
        service="scoring-worker",
        version=VERSION,
        log_level=settings.log_level,
        log_format=settings.log_format,
        otlp_endpoint=settings.otlp_endpoint,
        trace_sample_rate=settings.trace_sample_rate,
        sentry_dsn=settings.sentry_dsn,
    )
    metrics, batch_metrics = observability.metrics, BatchMetrics(observability.metrics.registry)
    port = metrics_port(settings, "worker", metrics.exposition)
    files = bundle_files(settings.model_dir)
    bundle = bundle_from(files, settings.model_dir)
    engine = database_engine(settings.database_url or "")
    batch_work = PostgresBatchWork(settings.database_url or "", engine, lease_seconds=lease_seconds)
    observed_work = ObservedBatchWork(batch_work, batch_metrics, metrics)
    decide = observability.observe(
        DecideNextBatch(observed_work, cache(lambda: _tools(bundle, settings)), SystemClock()), "decide_next_batch"
    )

    async def decide_one() -> bool:
        return await decide(stopping=stopping.is_set) is not None

    outbox = ObservedOutbox(PostgresOutbox(engine), batch_metrics)
    tell = observability.observe(_telling(settings, outbox), "deliver_next_webhook")

    async def tell_one() -> bool:
        return await tell() is not None

    async def count_waiting() -> bool:
        await outbox.pending_count()
        return False

    keep = ArchiveVersions(PostgresBundles(engine), PostgresPolicies(engine))
    check_rights = WarnOfExcessRights(partial(excess_privileges, engine), WORKER)
    chores = PeriodicTasks({KEEPING: ArchiveChampion(keep, files), CHECKING_RIGHTS: check_rights})
    await chores.open()
    reporter = observability.reporter
    reporting = {} if reporter is None else {"report": reporter.report}
    tasks = [(decide_one, _SECONDS_BETWEEN_LOOKS), (tell_one, _SECONDS_BETWEEN_LOOKS)]
    try:
        with rarely_collecting_garbage():
            if port is not None:
                await port.open()
                tasks.append((count_waiting, _SECONDS_BETWEEN_COUNTS))
            await asyncio.gather(*(rounds(task, stopping, rest=rest, **reporting) for task, rest in tasks))
    finally:
        if port is not None:
            await port.close()
        await chores.close()
        await batch_work.close()
        await engine.dispose()
        observability.close()


def _telling(settings: Settings, outbox: Outbox) -> DeliverNextWebhook:
    messenger = WebhookMessenger(recipient_secrets(settings), anywhere=settings.webhooks_anywhere)
    return DeliverNextWebhook(outbox, messenger, SystemClock(), random.random)


def _tools(bundle: ModelBundle, settings: Settings) -> Tools:
    """What is slow to import waits for the first batch: a worker without work is small."""
    from adapters.loan_files.isolated.uploaded_files import UploadedFiles  # noqa: PLC0415 - polars
    from adapters.loan_files.limits import ReadingLimits  # noqa: PLC0415 - beside its use
    from adapters.loan_files.results.csv_lines import CsvLines  # noqa: PLC0415 - polars
    from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider  # noqa: PLC0415 - numba
    from domain.policies.version_1 import POLICY_1  # noqa: PLC0415 - beside its use

    decider = TablePortfolioDecider(bundle, POLICY_1, threads=processors())
    ahead = PrefetchingDecider(decider, SystemClock(), TimeOrderedIdentifiers())
    files = UploadedFiles(
        chunk_rows=_CHUNK_ROWS,
        memory_mb=settings.batch_memory_mb,
        limits=ReadingLimits(rows=settings.batch_max_rows),
    )
    return Tools(files, CsvLines(), ahead)
