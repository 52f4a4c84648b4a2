"""Metrics of access: refusals by rate limits, and security events."""

from adapters.observability.metrics.families import Counter


class AccessMetrics:
    """Log-in failures are security events of the kind `authentication`, lockouts of the kind `lockout`."""

    def __init__(self) -> None:
        self._rate_limited = Counter(
            "scoring_rate_limited", "Requests and login attempts refused by a rate limit.", ["limit"]
        )
        self._events = Counter(
            "scoring_security_events", "Security events (see security-events.md).", ["kind", "result"]
        )
        self.families = (self._rate_limited, self._events)

    def rate_limited(self, limit: str = "requests") -> None:
        """Count a refusal by this rate limit."""
        self._rate_limited.inc((limit,))

    def security_event(self, kind: str, result: str) -> None:
        """Count a security event."""
        self._events.inc((kind, result))
