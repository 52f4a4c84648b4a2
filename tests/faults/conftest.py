"""What tests of faults may ask for."""

from starting import start

__all__ = ["start"]
