"""What one process of a face serves: opened before its first request, closed after its last."""

from dataclasses import dataclass
from functools import partial

from adapters.observability.observability import Observability
from adapters.persistence.database.excess_privileges import excess_privileges
from adapters.persistence.database.privileges import API
from application.catalog import UseCases
from entrypoints.composition.api_chores import api_chores
from entrypoints.composition.chores import PeriodicTasks
from entrypoints.composition.garbage import settle_garbage
from entrypoints.composition.own_rights import CHECKING_RIGHTS, WarnOfExcessRights
from entrypoints.composition.revocation import RefreshAccess, refreshing_access
from entrypoints.composition.versions import KEEPING, ArchiveChampion
from entrypoints.composition.wiring import Container
from entrypoints.configuration.settings import Settings


def _chores(container: Container, face: str) -> PeriodicTasks:
    """What a face's process does by itself; the key that the API's signs with is read, or made, at once."""
    keep = ArchiveChampion(container.archive_versions(), container.champion())
    check_rights = WarnOfExcessRights(partial(excess_privileges, container.engine()), API)
    if face != "api":
        return PeriodicTasks({KEEPING: keep, CHECKING_RIGHTS: check_rights})
    return api_chores(
        keep,
        container.create_checkpoint(),
        check_rights=check_rights,
        publish_checkpoints=container.publish_checkpoints(),
        make_months=container.create_upcoming_partitions(),
        forget_keys=container.purge_idempotency_keys(),
        forget_batches=container.purge_batches(),
        purge_login_attempts=container.purge_login_attempts(),
        purge_web_sessions=container.purge_web_sessions(),
    )


def _refresh(container: Container, face: str) -> RefreshAccess:
    """What keeps users current, and for the web interface its sessions."""
    users = container.directory()
    if face == "api":
        return RefreshAccess(users.refresh, forget=users.invalidate)
    return RefreshAccess(container.stored_web_sessions().refresh, users.refresh, forget=users.invalidate)


@dataclass(frozen=True, slots=True)
class Service:
    """What one process serves, and what must be opened before its first request and closed after its last."""

    use_cases: UseCases
    observability: Observability
    container: Container
    chores: PeriodicTasks
    refresh_access: RefreshAccess
    access_chores: PeriodicTasks

    @classmethod
    def of(cls, settings: Settings, face: str) -> "Service":
        """The service of one face ("api", "ui"); nothing is connected yet."""
        container = Container(settings=settings, face=face)
        observability = container.observability()
        refresh = _refresh(container, face)
        return cls(
            container.use_cases(),
            observability,
            container,
            _chores(container, face),
            refresh,
            refreshing_access(refresh),
        )

    async def open(self) -> None:
        """Start writing."""
        await self.container.ledger().open()
        await self.refresh_access()
        await self.access_chores.open()
        await self.chores.open()
        settle_garbage()

    async def close(self) -> None:
        """Write what waits, and let go of everything."""
        await self.container.ledger().close()
        await self.access_chores.close()
        await self.chores.close()
        await self.container.caches().close()
        await self.container.engine().dispose()
        await self.container.access_engine().dispose()
        self.observability.close()
