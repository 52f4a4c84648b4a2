"""The health check of the decision ledger."""

from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from application.ports.operations.dependencies import Dependency, DependencyUnavailable


class LedgerDependency(Dependency):
    """Whether decisions can be recorded: a database may still serve reads when it accepts no writes."""

    name = "ledger"

    def __init__(self, ledger: PostgresDecisionLedger) -> None:
        self._ledger = ledger

    async def check(self) -> None:
        """Raises DependencyUnavailable if no writer is connected."""
        if not self._ledger.connected:
            raise DependencyUnavailable("no writer is connected to a database that accepts writes")
