"""The activation of a policy, from which on it decides on new applications."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PolicyActivation:
    """A policy was put in force; activations are numbered from 1, and the last one is in force."""

    number: int
    version: str
    fingerprint: str
    at: datetime
    by: str

    @property
    def details(self) -> Mapping[str, str | int]:
        """What the event on the audit trail says about the activation, besides time and actor."""
        return {"number": self.number, "policy_version": self.version, "policy_fingerprint": self.fingerprint}


class PolicyVersionTaken(ValueError):
    """Another policy with the same version was archived; every policy needs a version of its own."""


class PolicyAlreadyInForce(ValueError):
    """The policy is in force already, so there is nothing to activate."""


def activation_faults(stored: Iterable[PolicyActivation], recorded: Iterable[PolicyActivation]) -> Iterator[str]:
    """How the stored activations differ from those that events on the audit trail record, in words."""
    events = {each.number: each for each in recorded}
    for activation in sorted(stored, key=lambda each: each.number):
        event = events.pop(activation.number, None)
        place = f"activation {activation.number}"
        if event is None:
            yield f"{place} has no event: it was inserted directly, or its event was removed"
        elif event != activation:
            yield f"{place} was changed: its event records policy {event.version}, by {event.by}"
    yield from (f"activation {number} was removed; an event records it" for number in sorted(events))
