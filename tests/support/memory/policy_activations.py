"""Activations of policies in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from application.ports.audit.audit_events import AuditEvents
from application.ports.policies.policy_activations import PolicyActivations
from domain.audit.event import RecordedEvent
from domain.policies.activation import PolicyActivation, PolicyAlreadyInForce, PolicyVersionTaken
from domain.policies.scoring_policy import ScoringPolicy
from support.memory.versions import MemoryPolicies

_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryPolicyActivations(PolicyActivations):
    """Activations in order; their policies are archived in `policies`, their events recorded in `events`."""

    def __init__(self, policies: MemoryPolicies, events: AuditEvents) -> None:
        self._policies = policies
        self._events = events
        self._activations: list[PolicyActivation] = []

    async def last(self) -> PolicyActivation | None:
        return self._activations[-1] if self._activations else None

    async def all(self) -> Sequence[PolicyActivation]:
        return self._activations[::-1]

    async def activate(self, policy: ScoringPolicy, *, event: RecordedEvent) -> None:
        if self._activations and self._activations[-1].fingerprint == policy.fingerprint:
            raise PolicyAlreadyInForce(f"policy {policy.version} is in force already")
        taken = {
            each.version for each in self._policies._policies.values() if each.fingerprint != policy.fingerprint
        }
        if policy.version in taken:
            raise PolicyVersionTaken(f"another policy with version {policy.version!r} was archived")
        number = len(self._activations) + 1
        activation = PolicyActivation(number, policy.version, policy.fingerprint, event.at, event.actor)
        await self._events.record_event(replace(event, details={**event.details, **activation.details}))
        await self._policies.archive(policy)
        self._activations.append(activation)

    async def activate_if_none(self, policy: ScoringPolicy, *, event: RecordedEvent) -> bool:
        if self._activations:
            return False
        await self.activate(policy, event=event)
        return True

    def put_in_force(self, policy: ScoringPolicy) -> None:
        """Put a policy in force without an event, as if that had been long ago."""
        self._policies._policies[policy.fingerprint] = policy
        number = len(self._activations) + 1
        self._activations.append(PolicyActivation(number, policy.version, policy.fingerprint, _LONG_AGO, "os:ada"))
