"""Put a policy in force, from which on it decides on new applications."""

from dataclasses import dataclass

from application.ports.policies.policy_activations import PolicyActivations
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Actor, Permission
from domain.audit.event import EventKind
from domain.policies.scoring_policy import ScoringPolicy


@dataclass(frozen=True, slots=True)
class ActivatePolicy:
    """Archives a policy and puts it in force; the audit trail records who did it and when."""

    activations: PolicyActivations
    new_event: EventFactory

    async def __call__(self, policy: ScoringPolicy, *, by: Actor) -> None:
        """Activate a policy. Every replica decides by it within five seconds.

        Raises PermissionDenied, PolicyVersionTaken and PolicyAlreadyInForce.
        """
        by.require(Permission.ACTIVATE_POLICIES)
        await self.activations.activate(policy, event=self.new_event(EventKind.POLICY_ACTIVATED, by.name, {}))


@dataclass(frozen=True, slots=True)
class ActivateInitialPolicy:
    """Puts the built-in policy in force where no policy was activated yet, as in an empty database."""

    activations: PolicyActivations
    new_event: EventFactory

    async def __call__(self, policy: ScoringPolicy, *, by: str) -> bool:
        """Activate the policy as the operating-system account `by`; returns whether there was none."""
        if await self.activations.last() is not None:
            return False
        event = self.new_event(EventKind.POLICY_ACTIVATED, by, {})
        return await self.activations.activate_if_none(policy, event=event)
