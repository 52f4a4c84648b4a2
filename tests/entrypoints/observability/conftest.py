"""The whole service with a real OTLP receiver."""

from support.traced_service import traced

__all__ = ["traced"]
