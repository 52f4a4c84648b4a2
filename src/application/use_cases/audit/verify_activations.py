"""Verify that every activation of a policy has its event on the audit trail."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from application.ports.audit.event_history import EventFilter, EventHistory, EventInHistory
from application.ports.policies.policy_activations import PolicyActivations
from domain.audit.entry import IntegrityViolation
from domain.audit.event import EventKind
from domain.policies.activation import PolicyActivation, activation_faults

_PAGE = 100
_PLACE = "policy in force"


@dataclass(frozen=True, slots=True)
class VerifyActivations:
    """Compares the stored activations with their events, whose documents the verification of entries checks."""

    activations: PolicyActivations
    history: EventHistory

    async def __call__(self) -> AsyncIterator[IntegrityViolation]:
        """The violations: activations that no event records, that differ from it, or that were removed."""
        recorded = [_activation_in(event) async for event in self._events()]
        stored = await self.activations.all()
        for fault in activation_faults(stored, [each for each in recorded if each is not None]):
            yield IntegrityViolation(None, None, None, fault, version=_PLACE)

    async def _events(self) -> AsyncIterator[EventInHistory]:
        wanted, before = EventFilter(kinds=(EventKind.POLICY_ACTIVATED,)), None
        while True:
            page = await self.history.page(wanted, limit=_PAGE, before=before)
            for event in page.events:
                yield event
            before = page.before
            if before is None:
                return


def _activation_in(event: EventInHistory) -> PolicyActivation | None:
    """The activation that an event records; None if its document cannot be read, which is reported elsewhere."""
    details = event.details
    try:
        number = int(details["number"] or 0)
        version, fingerprint = str(details["policy_version"]), str(details["policy_fingerprint"])
    except (LookupError, ValueError):
        return None
    return PolicyActivation(number, version, fingerprint, event.at, event.actor)
