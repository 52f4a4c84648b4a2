"""What tests of faults may ask for."""

from support.starting import start

__all__ = ["start"]
