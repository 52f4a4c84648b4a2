"""The demonstration over production adapters, under a simulated clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.exclusive import DEMONSTRATION, ExclusiveSection
from adapters.system.simulated_time import SimulatedTime
from application.operational_error import OperationalError
from application.ports.audit.event_history import EventFilter
from application.ports.decisions.decision_archive import DecisionFilter
from application.use_cases.access.manage_users import NameTaken
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.audit.verification_result import Verification
from application.use_cases.monitoring.aggregate_decisions import AggregateDecisions
from domain.access.user import Actor, Role
from domain.audit.event import Detail, EventKind
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.composition.injection import Object
from entrypoints.composition.processes.commands import CommandContainer, command_container
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.composition.processes.preparation import prepare_recording
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings
from entrypoints.demonstration.demonstration import Plan, Progress, simulate
from entrypoints.demonstration.lender import FollowUps
from entrypoints.demonstration.people import AUDITOR, PEOPLE, SERVICE

_CONNECTIONS, _ENTRIES_AT_ONCE = 6, 2_000
_LOCK_ATTEMPTS, _LOCK_SECONDS = 20, 0.1
RecordAtRealTime = Callable[[EventKind, Mapping[str, Detail]], Awaitable[None]]


class DemonstrationRefused(OperationalError):
    """The demonstration cannot run on this installation; nothing was changed."""


@dataclass(frozen=True, slots=True)
class AddedUser:
    """A user of the demonstration, with the password that was generated; None for one that there was before."""

    user: Actor
    password: str | None


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """What was filled in: the numbers of decisions and loans, the users, and the verification of the trail.

    `remarks` say what could not be shown on this machine.
    """

    decisions: int
    loans: int
    users: Sequence[AddedUser]
    verification: Verification
    remarks: Sequence[str]


def fill_installation(settings: Settings, wanted: Callable[[datetime], Plan], progress: Progress) -> Demonstrated:
    """Fill an empty installation; `wanted` makes the plan for the present time.

    Raises DemonstrationRefused, DependencyUnavailable and SecretKeyMissing.
    """

    async def run(addressed: Settings) -> Demonstrated:
        policy = await prepare_recording(addressed)
        plan = wanted(datetime.now(UTC))
        time = SimulatedTime(plan.end, Random(plan.seed))  # noqa: S311 - a simulation
        async with command_container(
            addressed, statement_timeout=None, connections=_CONNECTIONS, bulk=True
        ) as container:
            await _check(container)
            users = [await _added(container, user) for user in PEOPLE]
            async with _simulated(container, addressed, time) as real_event:
                container.policy.override(Object(lambda: policy))
                await container.archive_versions()()
                details = {"seed": plan.seed, "applications": plan.applications}
                await real_event(EventKind.DEMONSTRATION_STARTED, details)
                for month in plan.months:
                    await container.decision_months().create(month)
                lender = await simulate(plan, container.use_cases(), _follow_ups(container), time.set, progress)
                await container.create_checkpoint()(by=SERVICE)
                progress(1.0, "verifying the audit trail")
                await AggregateDecisions(container.decision_aggregates())(lambda *_: None)
                verification = await container.verify_audit_trail()(by=AUDITOR)
                await real_event(EventKind.DEMONSTRATION_COMPLETED, details)
            total = (await container.archive().page(DecisionFilter(), limit=1)).total
        return Demonstrated(total, lender.loans, users, verification, lender.remarks)

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))


async def _check(container: CommandContainer) -> None:
    """Raise DemonstrationRefused unless nothing was decided on this installation."""
    product = container.product()()
    if product.product_version != PERSONAL_LOAN.product_version:
        raise DemonstrationRefused(
            f"the demonstration has applications for {PERSONAL_LOAN.product_version}, and the product in force is "
            f"{product.product_version}: use another installation, with its own SCORING_DATA_DIR"
        )
    started = await container.event_history().page(
        EventFilter(kinds=[EventKind.DEMONSTRATION_STARTED, EventKind.DEMONSTRATION_COMPLETED]), limit=1
    )
    if started.events:
        complete = started.events[0].kind == EventKind.DEMONSTRATION_COMPLETED
        raise DemonstrationRefused(
            "this installation contains the demonstration already"
            + ("" if complete else ", which was interrupted")
            + ". To start again, stop the service and use an empty installation: another SCORING_DATA_DIR, or "
            "another database"
        )
    if (await container.archive().page(DecisionFilter(), limit=1)).total:
        raise DemonstrationRefused(
            "decisions are recorded on this installation, and synthetic ones must not be mixed up with them: use "
            "an empty installation, with another SCORING_DATA_DIR or another database"
        )
    for user in PEOPLE:
        known = await container.users().find(user.name)
        if known is not None and known.role is not user.role:
            raise DemonstrationRefused(
                f"the user {user.name} has the role {known.role.value}, and works as {user.role.value} in the "
                "demonstration: use an empty installation"
            )


async def _added(container: CommandContainer, user: Actor) -> AddedUser:
    use_cases = container.command_use_cases()
    password = use_cases.generate_password()
    try:
        await use_cases.add_user(
            user.name, user.role, password, by=operating_system_user(), must_change=user.role is not Role.SERVICE
        )
    except NameTaken:
        return AddedUser(user, None)
    return AddedUser(user, password)


@asynccontextmanager
async def _simulated(
    container: CommandContainer, settings: Settings, time: SimulatedTime
) -> AsyncIterator[RecordAtRealTime]:
    """Simulate the time of the container, while the service does nothing that follows from the real time.

    Yields how to record an event at the real time.
    """
    real = EventFactory(container.clock(), container.identifiers())
    events = container.audit_events()

    async def record(kind: EventKind, details: Mapping[str, Detail]) -> None:
        await RecordEvent(events, real)(kind, by=SERVICE, details=details)

    container.clock.override(Object(time))
    container.identifiers.override(Object(time))
    lock_engine = database_engine(settings.database_url or "", max_connections=1, command_timeout=None)
    try:
        async with _alone(ExclusiveSection(lock_engine, DEMONSTRATION)):
            await container.unobserved_ledger().open()
            try:
                yield record
            finally:
                await container.unobserved_ledger().close()
    finally:
        await lock_engine.dispose()


@asynccontextmanager
async def _alone(section: ExclusiveSection) -> AsyncIterator[None]:
    """A section in which one demonstration is at a time; tasks of the service ask for a moment whether one is."""
    for _ in range(_LOCK_ATTEMPTS):
        async with section() as alone:
            if alone:
                yield
                return
        await asyncio.sleep(_LOCK_SECONDS)
    raise DemonstrationRefused("another demonstration is running on this installation")


def _follow_ups(container: CommandContainer) -> FollowUps:
    due, unanswered = container.record_passed_due_times(), container.expire_unanswered_cases()
    follower = container.notice_follower()

    async def follow() -> None:
        while await follower.follow(_ENTRIES_AT_ONCE):
            pass

    return FollowUps(lambda by: due(by=by), lambda by: unanswered(by=by), follower.skip, follow)
