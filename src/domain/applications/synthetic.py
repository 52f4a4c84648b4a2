"""Synthetic applications, which the demonstration makes up. They are never mixed up with real ones."""

from domain.applications.application_identity import ApplicationIdentity

SYNTHETIC_SOURCE = "synthetic demonstration"
"""The source of synthetic applications, which no caller may state."""


def is_synthetic(identity: ApplicationIdentity) -> bool:
    """Whether the application was made up by the demonstration."""
    return identity.source == SYNTHETIC_SOURCE
