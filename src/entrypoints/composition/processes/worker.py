"""The worker: processes batches and delivers webhooks until it is stopped."""

import asyncio
import logging
import random
from collections.abc import Callable
from functools import lru_cache, partial

from adapters.messaging.webhook_messenger import WebhookMessenger
from adapters.observability.worker_observer import BatchObserver, DeliveryObserver
from adapters.observability.wrappers.observed_worker_ports import ObservedBatchWork, ObservedOutbox
from adapters.persistence.applications.applicant_histories import PostgresApplicantHistories
from adapters.persistence.batches.batch_work import PostgresBatchWork
from adapters.persistence.outcomes.import_work import PostgresImportWork
from adapters.scoring.bundles.bundle import ModelBundle
from application.catalog import UseCases
from application.ports.applications.applicant_histories import ApplicantHistories
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.webhooks.webhooks import Delivery, EventBodies
from application.use_cases.applications.supersede_decision import RecordSuperseding
from application.use_cases.batches.decide_next_batch import DecideNextBatch, Tools
from application.use_cases.batches.file_applicants import ApplicantLookup
from application.use_cases.batches.prefetching_decider import PrefetchingDecider
from application.use_cases.outcomes.import_next_outcomes import ImportNextOutcomes
from application.use_cases.webhooks.deliver_webhook import DeliverWebhook
from application.use_cases.webhooks.deliver_webhooks import DeliverWebhooks
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.container import Container
from entrypoints.composition.injection import Dependency, Object, Singleton
from entrypoints.composition.metrics import metrics_parts
from entrypoints.composition.processes.outcome_files import outcome_files
from entrypoints.composition.processes.portfolio_deciders import processor_count
from entrypoints.composition.processes.process_tasks import policy_refresh, process_tasks
from entrypoints.composition.providers.foundation import observed
from entrypoints.configuration.settings import Settings
from entrypoints.periodic_tasks.copy_refresh import REFRESH_SECONDS
from entrypoints.periodic_tasks.periodic_tasks import PeriodicTask, PeriodicTasks
from entrypoints.runtime import infrequent_garbage_collection, use_one_malloc_arena
from entrypoints.worker.polling import Task, poll

_log = logging.getLogger(__name__)
_CHUNK_ROWS = 10_000
"""Rows recorded in one transaction, and at most decided again when a worker is lost."""
_POLL_SECONDS = 0.5


def _tools(  # noqa: PLR0917 - all but the policy are bound
    settings: Settings,
    bundle: ModelBundle,
    clock: Clock,
    identifiers: Identifiers,
    histories: ApplicantHistories,
    supersede: RecordSuperseding,
    policy: ScoringPolicy,
) -> Tools:
    """What decides on a file by a policy; imported for the first batch, so that an idle worker stays small."""
    from adapters.loan_files.isolated.uploaded_files import UploadedFiles  # noqa: PLC0415 - polars
    from adapters.loan_files.limits import ReadingLimits  # noqa: PLC0415 - beside its use
    from adapters.loan_files.results.csv_lines import CsvLines  # noqa: PLC0415 - polars
    from adapters.scoring.portfolio.applicant_columns import PortfolioApplicants  # noqa: PLC0415 - polars
    from adapters.scoring.portfolio.portfolio_decider import TablePortfolioDecider  # noqa: PLC0415 - numba

    decider = TablePortfolioDecider(bundle, policy, threads=processor_count())
    files = UploadedFiles(
        configured_product(settings),
        chunk_rows=_CHUNK_ROWS,
        memory_mb=settings.batch_memory_mb,
        limits=ReadingLimits(rows=settings.batch_max_rows),
    )
    applicants = ApplicantLookup(histories, PortfolioApplicants(), policy)
    ahead = PrefetchingDecider(decider, clock, identifiers, applicants=applicants, supersede=supersede)
    return Tools(files, CsvLines(), ahead)


class LazyEventBodies(EventBodies):
    """The bodies of events, in the shapes of the API, whose modules are imported for the first event."""

    def __init__(self, use_cases: Callable[[], UseCases]) -> None:
        self._use_cases = use_cases

    async def body_of(self, delivery: Delivery) -> str:
        from entrypoints.api.webhooks.event_bodies import ApiEventBodies  # noqa: PLC0415 - an idle worker is small

        return await ApiEventBodies(self._use_cases).body_of(delivery)


class WorkerContainer(Container):
    """The container with the use cases of a worker."""

    lease_seconds = Dependency(instance_of=float)

    batch_work = Singleton(
        PostgresBatchWork, Container.settings.provided.database_url, Container.engine, lease_seconds=lease_seconds
    )
    batch_observer = Singleton(
        BatchObserver,
        Singleton(ObservedBatchWork, batch_work, Container.observability.provided.metrics),
        Container.observability.provided.tracer,
    )
    decide_next_batch = observed(
        Container.observability,
        DecideNextBatch,
        traced=False,  # by the observer, where there is a batch
        work=batch_observer,
        tools=Singleton(
            lru_cache(maxsize=1),
            Singleton(
                partial,
                _tools,
                Container.settings,
                Container.bundle,
                Container.clock,
                Container.identifiers,
                Singleton(PostgresApplicantHistories, Container.engine),
                Container.record_superseding,
            ),
        ),
        policy=Container.policy,
        clock=Container.clock,
    )
    import_work = Singleton(
        PostgresImportWork, Container.settings.provided.database_url, Container.engine, lease_seconds=lease_seconds
    )
    import_next_outcomes = observed(
        Container.observability,
        ImportNextOutcomes,
        traced=False,  # an idle worker asks twice a second
        work=import_work,
        files=Singleton(partial, outcome_files, Container.settings),
        outcomes=Container.loan_outcomes,
        clock=Container.clock,
        identifiers=Container.identifiers,
    )
    webhook_messenger = Singleton(
        WebhookMessenger,
        Container.recipient_secrets,
        allow_any_address=Container.settings.provided.allow_insecure_webhooks,
        keep_connections=True,
        traceparent=Container.observability.provided.traceparent,
    )
    observed_outbox = Singleton(ObservedOutbox, Container.outbox, Container.observability.provided.metrics.batches)
    deliver_webhook = observed(
        Container.observability,
        DeliverWebhook,
        traced=False,  # by the observer
        outbox=observed_outbox,
        messenger=Singleton(
            DeliveryObserver,
            webhook_messenger,
            Container.observability.provided.tracer,
        ),
        bodies=Singleton(LazyEventBodies, Container.use_cases.provider),
        clock=Container.clock,
        chance=Object(random.random),
    )
    deliver_webhooks = Singleton(DeliverWebhooks, observed_outbox, deliver_webhook)


async def work(settings: Settings, stopping: asyncio.Event, *, lease_seconds: float) -> None:
    """Decide batches until `stopping` is set; the chunk in progress is recorded before this returns."""
    use_one_malloc_arena()
    container = WorkerContainer(settings=settings, process="worker", lease_seconds=lease_seconds)
    container.access_engine.override(container.engine)
    container.bundle()  # a model that cannot be used prevents the start
    observability = container.observability()
    parts = metrics_parts(container, "worker")
    decide, deliver = container.decide_next_batch(), container.deliver_webhooks()
    batches = container.batch_observer()

    async def decide_one() -> bool:
        return await batches.processing(partial(decide, stopping=stopping.is_set)) is not None

    import_outcomes = container.import_next_outcomes()

    async def import_one() -> bool:
        return await import_outcomes(stopping=stopping.is_set) is not None

    polled: list[tuple[Task, float]] = [
        (decide_one, _POLL_SECONDS),
        (import_one, _POLL_SECONDS),
        (deliver, _POLL_SECONDS),
    ]
    report = {} if observability.reporter is None else {"report": observability.reporter.report}
    refresh_policy = policy_refresh(container)
    await refresh_policy()
    refreshing = PeriodicTask("refreshing the policy in force", refresh_policy)
    tasks = [process_tasks(container, "worker"), PeriodicTasks([refreshing], interval=REFRESH_SECONDS)]
    for each in tasks:
        await each.open()
    try:
        with infrequent_garbage_collection():
            for part in parts:
                await part.open()
            await asyncio.gather(*(poll(task, stopping, interval=seconds, **report) for task, seconds in polled))
            for fault in await deliver.finish():
                _log.warning("the result of a webhook delivery was not recorded; it is repeated: %r", fault)
    finally:
        for part in parts:
            await part.close()
        for each in tasks:
            await each.close()
        await container.webhook_messenger().close()
        await container.batch_work().close()
        await container.import_work().close()
        await container.engine().dispose()
        observability.close()
