"""The periodic tasks of each process, over its container."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from adapters.persistence.database.excess_privileges import excess_privileges
from adapters.persistence.database.exclusive import DEMONSTRATION, NoOneInside
from adapters.persistence.database.privileges import API, WORKER
from domain.access.user import Actor, Role
from domain.access.user_name import SERVICE_NAME
from entrypoints.composition.container import Container
from entrypoints.periodic_tasks.copy_refresh import CopyRefresh
from entrypoints.periodic_tasks.periodic_tasks import PeriodicTask, PeriodicTasks, once
from entrypoints.periodic_tasks.tasks import (
    AggregateInBackground,
    CreatePartitionsMonthly,
    FollowTrail,
    PublishCheckpointsAndLog,
    VerifyTrailWhenDue,
    WarnOfExcessRights,
)

INTERVAL = 60.0
AGGREGATION_INTERVAL = 10.0
"""Overviews count what was recorded since the last aggregation, about 10 µs for each decision."""
FOLLOWING_INTERVAL = 2.0
"""How soon notices become due and events are sent."""
VERIFICATION_INTERVAL = 600.0
"""How often a process asks whether a verification is due."""
_SERVICE = Actor(SERVICE_NAME, Role.AUDITOR)


class _RealTime:
    """Actions that follow from the real time. They rest while `scoring demo` simulates the past."""

    def __init__(self, container: Container) -> None:
        self._none_running = NoOneInside(container.engine(), DEMONSTRATION)

    def __call__(self, action: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
        async def unless_simulated() -> None:
            if await self._none_running():
                await action()

        return unless_simulated


def policy_refresh(container: Container) -> CopyRefresh:
    """What keeps a process's copy of the policy in force current."""
    policy = container.policy()
    return CopyRefresh(policy.refresh, subject="the policy in force", forget=policy.invalidate)


def process_tasks(container: Container, process: str) -> PeriodicTasks:
    """The tasks, the most urgent first; at shutdown there is time for a few only."""
    archive = once(container.archive_versions())
    role = WORKER if process == "worker" else API
    check_rights = once(WarnOfExcessRights(partial(excess_privileges, container.engine()), role))
    first = PeriodicTask("archiving the model and policy in force", archive, on_shutdown=archive)
    last = PeriodicTask("checking the database rights of this process", check_rights)
    of_servers = [] if process == "worker" else _server_tasks(container)
    of_api = _api_tasks(container) if process == "api" else []
    return PeriodicTasks([first, *of_servers, *of_api, last], interval=INTERVAL)


def aggregation_tasks(container: Container) -> PeriodicTasks:
    """What keeps the overview fast, in every server: one at a time does it."""
    aggregate = AggregateInBackground(container.decision_aggregates())
    task = PeriodicTask("adding decisions to the aggregates of the overview", aggregate)
    return PeriodicTasks([task], interval=AGGREGATION_INTERVAL)


def following_tasks(container: Container, process: str) -> list[PeriodicTasks]:
    """What follows the audit trail, each consumer on its own; of several replicas, one at a time does it."""
    if process != "api":
        return []
    consumers, real_time = container.trail_consumers(), _RealTime(container)
    return [
        PeriodicTasks(
            [PeriodicTask(f"following the audit trail for {name}", real_time(FollowTrail(consumer)))],
            interval=FOLLOWING_INTERVAL,
        )
        for name, consumer in consumers.items()
    ]


def verification_tasks(container: Container, process: str) -> list[PeriodicTasks]:
    """The verification of the audit trail, which may take long, beside the other tasks of the API."""
    if process != "api" or not container.settings().audit_verification_hours:
        return []
    verify = VerifyTrailWhenDue(container.verify_when_due(), _SERVICE, container.audit_engine().dispose)
    return [PeriodicTasks([PeriodicTask("verifying the audit trail", verify)], interval=VERIFICATION_INTERVAL)]


def _server_tasks(container: Container) -> list[PeriodicTask]:
    record_failures = container.login_records().record_failures
    record_settings = once(partial(container.record_settings(), by=_SERVICE))
    return [
        PeriodicTask("recording failed logins", record_failures, on_shutdown=record_failures),
        PeriodicTask("recording changed settings", record_settings),
    ]


def _api_tasks(container: Container) -> list[PeriodicTask]:
    checkpoint = partial(container.create_checkpoint(), by=_SERVICE)
    publish = PublishCheckpointsAndLog(container.publish_checkpoints(), _SERVICE)
    real_time = _RealTime(container)
    return [
        PeriodicTask(
            "creating a checkpoint",
            partial(checkpoint, unless_within=timedelta(seconds=INTERVAL / 2)),  # one of several replicas suffices
            on_shutdown=checkpoint,
        ),
        PeriodicTask("publishing checkpoints", publish, on_shutdown=publish),
        PeriodicTask(
            "creating upcoming partitions",
            CreatePartitionsMonthly(container.create_upcoming_partitions(), container.clock()),
        ),
        PeriodicTask(
            "recording passed due times of cases",
            real_time(partial(container.record_passed_due_times(), by=_SERVICE)),
        ),
        PeriodicTask(
            "expiring cases without an answer",
            real_time(partial(container.expire_unanswered_cases(), by=_SERVICE)),
        ),
        PeriodicTask("answering requests of applicants", real_time(container.answer_requests())),
        PeriodicTask("purging idempotency keys", container.purge_idempotency_keys()),
        PeriodicTask("purging batches", container.purge_batches()),
        PeriodicTask("purging webhook messages", container.webhook_subscriptions().purge),
        PeriodicTask("purging login attempts", container.purge_login_attempts()),
        PeriodicTask("purging web sessions", container.purge_web_sessions()),
    ]
