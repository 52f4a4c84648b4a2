"""How the parts of a case's page reach the case."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.cases.case_use_cases import CaseUseCases
from domain.access.user import Actor
from entrypoints.ui.applications.page_writes import PageWrites

Act = Callable[..., Awaitable[object]]
"""A change of the case, which gets `by`, `seen` and `key`."""


@dataclass(frozen=True, slots=True)
class CaseAccess:
    """The use cases for one case; `seen` gives the actor, and the version that is shown."""

    case_id: UUID
    use_cases: CaseUseCases
    writes: PageWrites
    seen: Callable[[], tuple[Actor, int]]

    async def submit(
        self,
        content: object,
        act: Act,
        *,
        message: ui.element,
        button: ui.button | None = None,
        clear: Callable[[], None] = lambda: None,
        done: str = "",
    ) -> None:
        """Make a change once, empty its form with `clear`, and say that it was made."""

        async def change(key: IdempotencyKey) -> None:
            actor, version = self.seen()
            await act(by=actor, seen=version, key=key)

        if await self.writes(content, change, button=button, message=message, clear=clear) and done:
            with message:  # the button may be redrawn by now
                ui.notify(done, type="positive", position="top", timeout=1500)
