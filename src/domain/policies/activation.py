"""The activation of a policy, from which on it decides on new applications."""

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


class PolicyVersionTaken(ValueError):
    """Another policy with the same version was archived; every policy needs a version of its own."""


class PolicyAlreadyInForce(ValueError):
    """The policy is in force already, so there is nothing to activate."""
