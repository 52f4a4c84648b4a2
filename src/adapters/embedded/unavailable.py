"""The error for an embedded engine that cannot run here."""

from application.operational_error import OperationalError


class EngineUnavailable(OperationalError):
    """The wheel has no program for this machine, or its engine did not start."""

    def __init__(self, engine: str, reason: str, *, log_tail: str = "") -> None:
        advice = (
            "To use your own servers instead, set SCORING_DATABASE_URL (PostgreSQL) "
            "and SCORING_REDIS_URL (Redis or Valkey)."
        )
        report = f"\nThe last lines of its log:\n{log_tail}" if log_tail else ""
        super().__init__(f"The embedded {engine} is not available: {reason}\n{advice}{report}")
        self.engine = engine
        self.reason = reason
