"""Record logins on the audit trail: each success at once, failures counted by minute."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from application.ports.access.users import Users
from application.ports.audit.audit_events import AuditEvents, EventRefused
from application.ports.operations.clock import Clock
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.audit.event_factory import EventFactory
from domain.access.rate_limit import origin
from domain.access.user_name import SERVICE_NAME
from domain.audit.event import Detail, EventKind

MAX_COUNTED = 20
"""Counts that are kept apart until they are recorded; further users and addresses are counted together."""
_OTHER = "others"


@dataclass(frozen=True, slots=True)
class _Failures:
    """Failed logins of one kind for one user (None: no user has the typed name) from one address."""

    kind: EventKind
    user: str | None
    address: str
    since: datetime
    until: datetime
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class FailedLogins:
    """Failures that are not recorded yet, in constant memory.

    Typed names that no user has are not kept, because they may be passwords.
    """

    clock: Clock
    _counted: dict[tuple[EventKind, str | None, str], _Failures] = field(default_factory=dict)

    def add(self, kind: EventKind, user: str | None, address: str) -> None:
        """Count one failure."""
        now = self.clock.now()
        self._put(_Failures(kind, user, origin(address), now, now))

    def take(self) -> list[_Failures]:
        """Return everything counted and begin again."""
        taken = list(self._counted.values())
        self._counted.clear()
        return taken

    def put_back(self, failures: list[_Failures]) -> None:
        """Count failures again that could not be recorded."""
        for each in failures:
            self._put(each)

    def _put(self, added: _Failures) -> None:
        key = added.kind, added.user, added.address
        if key not in self._counted and len(self._counted) >= MAX_COUNTED:
            added = replace(added, user=None, address=_OTHER)
            key = added.kind, None, _OTHER
        known = self._counted.get(key)
        if known:
            since, until = min(known.since, added.since), max(known.until, added.until)
            added = replace(known, since=since, until=until, attempts=known.attempts + added.attempts)
        self._counted[key] = added


class LoginNotRecorded(DependencyUnavailable):
    """The login succeeded but could not be recorded on the audit trail, so access is not granted."""


@dataclass(frozen=True, slots=True)
class LoginRecords:
    """Records logins `through` the API, the web interface or the command line."""

    events: AuditEvents
    new_event: EventFactory
    failures: FailedLogins
    through: str
    users: Users

    async def succeeded(self, user: str, address: str) -> datetime | None:
        """Record a login before access is granted, and return the time of the one before.

        Raises LoginNotRecorded, and DependencyUnavailable.
        """
        details: dict[str, Detail] = {"user": user, "address": address, "through": self.through}
        try:
            event = self.new_event(EventKind.LOGGED_IN, user, details)
            return await self.users.record_login(user, event.at, event=event)
        except EventRefused as fault:
            raise LoginNotRecorded(f"logins cannot be recorded on the audit trail: {fault}") from fault

    def failed(self, user: str | None, address: str) -> None:
        """Count a wrong password, or an unknown name (None)."""
        self.failures.add(EventKind.LOGIN_FAILED, user, address)

    def refused(self, user: str | None, address: str) -> None:
        """Count a login that was refused after too many failures."""
        self.failures.add(EventKind.LOGIN_REFUSED, user, address)

    async def record_failures(self) -> None:
        """Record what was counted, one event for each user and address; what fails is recorded later."""
        taken = self.failures.take()
        while taken:
            each = taken[0]
            details: dict[str, Detail] = {
                **({} if each.user is None else {"user": each.user}),
                "known_user": each.user is not None,
                "address": each.address,
                "attempts": each.attempts,
                "since": each.since.isoformat(),
                "until": each.until.isoformat(),
                "through": self.through,
            }
            try:
                await self.events.record_event(self.new_event(each.kind, SERVICE_NAME, details))
            except BaseException:
                self.failures.put_back(taken)
                raise
            taken = taken[1:]
