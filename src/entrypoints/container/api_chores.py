"""What the API's process does by itself, besides keeping the versions it decides with."""

from datetime import timedelta

from application.use_cases.forget_attempts import ForgetAttempts
from application.use_cases.forget_old_batches import ForgetOldBatches
from application.use_cases.forget_old_keys import ForgetOldKeys
from application.use_cases.make_checkpoint import MakeCheckpoint
from application.use_cases.make_months_ahead import MakeMonthsAhead
from application.use_cases.publish_checkpoints import PublishCheckpoints
from application.use_cases.web_sessions import PurgeWebSessions
from domain.access.user import Actor, Role
from entrypoints.container.chores import Chore, Chores
from entrypoints.container.months import MAKING_MONTHS, KeepMonthsAhead
from entrypoints.container.own_rights import CHECKING_RIGHTS
from entrypoints.container.publishing import PublishCheckpointsTask
from entrypoints.container.versions import KEEPING, KeepChampion

_EVERY = 60.0
_ITSELF = Actor("the service itself", Role.AUDITOR)


def api_chores(
    keep: KeepChampion,
    make_checkpoint: MakeCheckpoint,
    *,
    check_rights: Chore,
    publish_checkpoints: PublishCheckpoints,
    make_months: MakeMonthsAhead,
    forget_keys: ForgetOldKeys,
    forget_batches: ForgetOldBatches,
    forget_attempts: ForgetAttempts,
    purge_web_sessions: PurgeWebSessions,
) -> Chores:
    """The chores, the most urgent first; while the service ends there is time for the first three."""

    async def checkpoint(last: bool) -> None:
        recent = timedelta(seconds=0 if last else _EVERY / 2)  # of several replicas one is enough
        await make_checkpoint(by=_ITSELF, unless_within=recent)

    async def forget_old_keys(last: bool) -> None:
        if not last:
            await forget_keys()

    async def forget_old_batches(last: bool) -> None:
        if not last:
            await forget_batches()

    async def forget_past_attempts(last: bool) -> None:
        if not last:
            await forget_attempts()

    async def purge_old_web_sessions(last: bool) -> None:
        if not last:
            await purge_web_sessions()

    chores: dict[str, Chore] = {
        KEEPING: keep,
        "the checkpoint": checkpoint,
        "publishing checkpoints": PublishCheckpointsTask(publish_checkpoints, _ITSELF),
        MAKING_MONTHS: KeepMonthsAhead(make_months),
        "forgetting old keys": forget_old_keys,
        "forgetting old batches": forget_old_batches,
        "forgetting attempts to log in": forget_past_attempts,
        "purging old web sessions": purge_old_web_sessions,
        CHECKING_RIGHTS: check_rights,
    }
    return Chores(chores, every=_EVERY)
