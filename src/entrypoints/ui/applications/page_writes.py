"""Changes from the page of a case or a notice: each is made once, whatever is pressed twice or sent again."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.applications.draft import Draft
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.widgets import alert

Write = Callable[[IdempotencyKey], Awaitable[object]]


@dataclass(slots=True)
class PageWrites:
    """Makes one change at a time. After each, also one that is refused because of what others did, it refreshes.

    `outdated` are the errors of such a refusal: the page then shows the present state.
    """

    draft: Draft
    refresh: Callable[[], Awaitable[None]]
    where: str
    outdated: tuple[type[Exception], ...]
    running: bool = False

    async def __call__(
        self,
        content: object,
        write: Write,
        *,
        button: ui.button | None,
        message: ui.element,
        clear: Callable[[], None],
    ) -> bool:
        """Whether the change was made. An error is shown in `message`, and entries stay as they are.

        `content` is what the change says: until it is made, the same content is the same request. `clear` empties
        the form of a change that was made.
        """
        if self.running:
            return False
        self.running = True
        message.clear()
        if button is not None:
            button.props("loading")
        try:
            await write(self.draft.key_of(content))
        except LoggedOut:
            with message:
                ui.navigate.to(log_in_address(ui.context.client.request))
            return False
        except Exception as error:
            shown = error_message_for(error, self.where)
            with message:
                alert(shown.details, "error", title=shown.title)
            if isinstance(error, self.outdated):
                await self.refresh()
            return False
        finally:
            self.running = False
            if button is not None:
                button.props(remove="loading")
        clear()
        self.draft.renew()
        await self.refresh()
        return True
