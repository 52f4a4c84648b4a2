"""Security events in a list."""

from application.ports.access.security_events import SecurityEvent, SecurityEvents


class MemorySecurityEvents(SecurityEvents):
    """Stores every event, in order."""

    def __init__(self) -> None:
        self.recorded: list[SecurityEvent] = []

    def record(self, event: SecurityEvent) -> None:
        self.recorded.append(event)
