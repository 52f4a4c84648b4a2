"""What the API's process does by itself, besides keeping the versions it decides with."""

from datetime import timedelta

from application.use_cases.access.purge_login_attempts import PurgeLoginAttempts
from application.use_cases.access.web_sessions import PurgeWebSessions
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.publish_checkpoints import PublishCheckpoints
from application.use_cases.batches.purge_batches import PurgeBatches
from application.use_cases.decisions.create_upcoming_partitions import CreateUpcomingPartitions
from application.use_cases.decisions.purge_idempotency_keys import PurgeIdempotencyKeys
from domain.access.user import Actor, Role
from entrypoints.composition.chores import Chore, PeriodicTasks
from entrypoints.composition.months import MAKING_MONTHS, CreateUpcomingPartitionsTask
from entrypoints.composition.own_rights import CHECKING_RIGHTS
from entrypoints.composition.publishing import PublishCheckpointsTask
from entrypoints.composition.versions import KEEPING, ArchiveChampion

_EVERY = 60.0
_ITSELF = Actor("the service itself", Role.AUDITOR)


def api_chores(
    keep: ArchiveChampion,
    create_checkpoint: CreateCheckpoint,
    *,
    check_rights: Chore,
    publish_checkpoints: PublishCheckpoints,
    make_months: CreateUpcomingPartitions,
    forget_keys: PurgeIdempotencyKeys,
    forget_batches: PurgeBatches,
    purge_login_attempts: PurgeLoginAttempts,
    purge_web_sessions: PurgeWebSessions,
) -> PeriodicTasks:
    """The chores, the most urgent first; while the service ends there is time for the first three."""

    async def checkpoint(last: bool) -> None:
        recent = timedelta(seconds=0 if last else _EVERY / 2)  # of several replicas one is enough
        await create_checkpoint(by=_ITSELF, unless_within=recent)

    async def purge_idempotency_keys(last: bool) -> None:
        if not last:
            await forget_keys()

    async def purge_batches(last: bool) -> None:
        if not last:
            await forget_batches()

    async def forget_past_attempts(last: bool) -> None:
        if not last:
            await purge_login_attempts()

    async def purge_old_web_sessions(last: bool) -> None:
        if not last:
            await purge_web_sessions()

    chores: dict[str, Chore] = {
        KEEPING: keep,
        "the checkpoint": checkpoint,
        "publishing checkpoints": PublishCheckpointsTask(publish_checkpoints, _ITSELF),
        MAKING_MONTHS: CreateUpcomingPartitionsTask(make_months),
        "forgetting old keys": purge_idempotency_keys,
        "forgetting old batches": purge_batches,
        "forgetting attempts to log in": forget_past_attempts,
        "purging old web sessions": purge_old_web_sessions,
        CHECKING_RIGHTS: check_rights,
    }
    return PeriodicTasks(chores, every=_EVERY)
