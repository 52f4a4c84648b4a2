"""What a user reads when an engine cannot be had here: why, and what to do instead."""

from application.operational_error import OperationalError


class EngineUnavailable(OperationalError):
    """The wheel has no program for this machine, or its engine did not come up."""

    def __init__(self, engine: str, why: str, *, log_tail: str = "") -> None:
        advice = (
            "To use servers of your own instead, set SCORING_DATABASE_URL (PostgreSQL) "
            "and SCORING_REDIS_URL (Redis or Valkey)."
        )
        report = f"\nThe end of its log:\n{log_tail}" if log_tail else ""
        super().__init__(f"The embedded {engine} is not available: {why}\n{advice}{report}")
        self.engine = engine
        self.why = why
