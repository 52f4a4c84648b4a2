"""The ledger as something the service stands on."""

from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from application.ports.operations.dependencies import Dependency, DependencyUnavailable


class LedgerDependency(Dependency):
    """Whether decisions can be put on record: a database may answer who reads, and take nothing."""

    def __init__(self, ledger: PostgresDecisionLedger) -> None:
        self._ledger = ledger

    @property
    def name(self) -> str:
        """What operators call it."""
        return "ledger"

    async def check(self) -> None:
        """Return if a writer is connected; raises DependencyUnavailable."""
        if not self._ledger.connected:
            raise DependencyUnavailable("no writer has a connection to a database that takes writes")
