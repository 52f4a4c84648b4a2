"""Activations of policies in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Row, Select, insert, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or_ignore
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.persistence.audit.audit_events import EventChain
from adapters.persistence.database.connections import transaction
from adapters.persistence.database.tables import policies_in_force, scoring_policies
from application.ports.policies.policy_activations import PolicyActivations
from domain.audit.event import RecordedEvent
from domain.policies.activation import PolicyActivation, PolicyAlreadyInForce, PolicyVersionTaken
from domain.policies.scoring_policy import ScoringPolicy

_EXCLUSIVE = text("LOCK TABLE policies_in_force IN SHARE ROW EXCLUSIVE MODE")
"""Other activations wait; the policy in force can still be read."""


class PostgresPolicyActivations(PolicyActivations):
    """One row per activation. Events are recorded on the chain of `events`, or on a new one."""

    def __init__(self, engine: AsyncEngine, events: EventChain | None = None) -> None:
        self._engine = engine
        self._events = events or EventChain()

    async def last(self) -> PolicyActivation | None:
        async with transaction(self._engine) as connection:
            return await _last(connection)

    async def all(self) -> Sequence[PolicyActivation]:
        async with transaction(self._engine) as connection:
            return [_from_row(row) for row in await connection.execute(_newest_first())]

    async def activate(self, policy: ScoringPolicy, *, event: RecordedEvent) -> None:
        async with transaction(self._engine) as connection:
            await connection.execute(_EXCLUSIVE)
            last = await _last(connection)
            if last is not None and last.fingerprint == policy.fingerprint:
                raise PolicyAlreadyInForce(f"policy {policy.version} is in force already, since {last.at}")
            await self._append(connection, policy, 1 if last is None else last.number + 1, event)

    async def activate_if_none(self, policy: ScoringPolicy, *, event: RecordedEvent) -> bool:
        async with transaction(self._engine) as connection:
            await connection.execute(_EXCLUSIVE)
            if await _last(connection) is not None:
                return False
            await self._append(connection, policy, 1, event)
            return True

    async def _append(
        self, connection: AsyncConnection, policy: ScoringPolicy, number: int, event: RecordedEvent
    ) -> None:
        archived = {"fingerprint": policy.fingerprint, "version": policy.version, "document": policy.document}
        await connection.execute(insert_or_ignore(scoring_policies).values(archived).on_conflict_do_nothing())
        named = select(scoring_policies.c.fingerprint).where(scoring_policies.c.version == policy.version)
        if len((await connection.scalars(named)).all()) > 1:
            raise PolicyVersionTaken(
                f"another policy with version {policy.version!r} was archived: give this policy another version"
            )
        activation = PolicyActivation(number, policy.version, policy.fingerprint, event.at, event.actor)
        row = {
            "number": number,
            "fingerprint": activation.fingerprint,
            "activated_at": activation.at,
            "activated_by": activation.by,
        }
        await connection.execute(insert(policies_in_force).values(row))
        await self._events.append(connection, replace(event, details={**event.details, **activation.details}))


def _newest_first() -> Select[tuple[int, str, str, object, str]]:
    activated = policies_in_force.c
    joined = policies_in_force.join(scoring_policies)
    columns = (
        activated.number,
        scoring_policies.c.version,
        activated.fingerprint,
        activated.activated_at,
        activated.activated_by,
    )
    return select(*columns).select_from(joined).order_by(activated.number.desc())


async def _last(connection: AsyncConnection) -> PolicyActivation | None:
    row = (await connection.execute(_newest_first().limit(1))).one_or_none()
    return None if row is None else _from_row(row)


def _from_row(row: Row[tuple[int, str, str, object, str]]) -> PolicyActivation:
    return PolicyActivation(row.number, row.version, row.fingerprint, row.activated_at, row.activated_by)
