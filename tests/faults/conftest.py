"""Fixtures of the fault tests."""

from support.starting import start

__all__ = ["start"]
