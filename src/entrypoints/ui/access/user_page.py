"""One user: role, state and sessions, and what an administrator can change."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from application.use_cases.access.administer_users import UserState
from domain.access.user import Permission, Role
from entrypoints.ui.access.password_card import draw_password
from entrypoints.ui.access.session_table import draw_sessions
from entrypoints.ui.access.user_view import ROLES, session_view, user_view
from entrypoints.ui.access.users_page import PATH as USERS
from entrypoints.ui.http.socket_guard import close_ended_pages
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.time_zone import zone_label
from entrypoints.ui.shared.widgets import Text, alert, anchor, answer_of, box, card, chip, definition, page_header

PATH = "/user"


def register(interface: Interface) -> None:
    """Register the page /user."""
    add_page(interface, PATH, "User", _build, current=USERS)


async def _build(context: PageContext) -> None:
    context.actor().require(Permission.MANAGE_USERS)
    page = UserPage(context, context.request.query_params.get("name", ""))
    user = await page.read()
    with page_header(user.name, f"Times are in {zone_label(context.zone)}."):
        anchor("All users", USERS, "button-secondary")
    page.message, page.dialogs, page.content = box("div", "result"), box("div"), box("div", "user-page")
    await page.show()


class UserPage:
    """The user as last read; a change is rejected if someone else changed the user since."""

    message: ui.element
    dialogs: ui.element
    content: ui.element
    user: UserState

    def __init__(self, context: PageContext, name: str) -> None:
        self.context = context
        self.name = name
        self.acting = False
        self.administration = context.use_cases.user_administration

    async def read(self) -> UserState:
        """Read the user; raises UserNotFound."""
        self.user = await self.administration.read(self.name, by=self.context.actor())
        return self.user

    async def show(self) -> None:
        """Read and draw the user."""
        await self.read()
        sessions = await self.administration.sessions(self.name, by=self.context.actor())
        is_self = self.user.name == self.context.actor().name
        own = self.context.interface.sessions.session(self.context.request) if is_self else None
        self.content.clear()
        with self.content:
            self._draw_state()
            if is_self:
                alert(
                    "Another administrator changes your role, resets your password or removes you.",
                    "info",
                    title="This is your own account",
                )
            else:
                self._draw_role()
                self._draw_password()
            with card("Sessions in the web interface", "narrow"):
                views = [
                    session_view(each, self.context.zone, current=own.id if own else None) for each in sessions
                ]
                draw_sessions(views, self._end_session, where=PATH)
            self._draw_end_sessions()
            if not is_self:
                self._draw_remove()

    def _draw_state(self) -> None:
        view = user_view(self.user, self.context.zone)
        with card("State", "narrow"):
            chip(view.state, view.style, view.icon_name)
            with box("dl", "definitions"):
                definition("Role", view.role)
                definition("Last login", view.last_login)
                definition("Open sessions", str(self.user.open_sessions))
            if self.user.locked_until is not None:
                Text("p", "Logins are refused after too many failed attempts, at least from one address.", "note")
                self._button("Unlock", "lock_open", self._unlock)

    def _draw_role(self) -> None:
        note = "A new role ends all sessions and access tokens of the user."
        with card("Role", "narrow", note=note), box("div", "button-row"):
            select = ui.select(ROLES, label="Role", value=self.user.role.value).props("outlined dense stack-label")
            select.mark("role")

            async def change() -> None:
                role = Role(select.value)
                if role is self.user.role:
                    return
                question = f"Change the role of {self.user.name} to {ROLES[role.value].lower()}?"
                text = "All sessions and access tokens of the user end."
                if await self._confirmed(question, text, "Change role"):
                    await self.administration.change_role(
                        self.name, role, by=self.context.actor(), generation=self.user.generation
                    )
                    await self._changed(f"The role of {self.user.name} is now {ROLES[role.value].lower()}.")

            self._button("Change role", "badge", change)

    def _draw_password(self) -> None:
        note = "For a lost or stolen password. The service generates a new one, which is shown once."

        async def reset() -> None:
            text = "The old password is invalid at once. All sessions and access tokens of the user end."
            if await self._confirmed(f"Reset the password of {self.user.name}?", text, "Reset password"):
                new = await self.administration.reset_password(self.name, by=self.context.actor())
                await self._changed("")
                with self.message:
                    draw_password(new, "Password reset")

        with card("Password", "narrow", note=note):
            self._button("Reset password", "password", reset)

    def _draw_end_sessions(self) -> None:
        note = "Within 5 seconds on every replica. The user can log in again."

        async def end() -> None:
            text = "Open pages lead to the login page, and systems need a new access token."
            if await self._confirmed(f"End all sessions of {self.user.name}?", text, "End all"):
                await self.administration.end_sessions(self.name, by=self.context.actor())
                await self._changed(f"Ended all sessions and access tokens of {self.user.name}.")

        with card("All sessions and access tokens", "narrow", note=note):
            self._button("End all", "logout", end)

    def _draw_remove(self) -> None:
        note = "Sessions and access tokens end. Records keep the name, so do not give it to another person."

        async def remove() -> None:
            text = "The user can no longer log in. Records under the name remain."
            if await self._confirmed(f"Remove {self.user.name}?", text, "Remove user"):
                await self.administration.remove(
                    self.name, by=self.context.actor(), generation=self.user.generation
                )
                await close_ended_pages(self.context.interface.sessions)
                ui.navigate.to(USERS)

        with card("Remove", "narrow", note=note):
            self._button("Remove user", "person_remove", remove)

    async def _unlock(self) -> None:
        await self.administration.unlock(self.name, by=self.context.actor())
        await self._changed(f"{self.user.name} can log in again.")

    async def _end_session(self, session_id: bytes) -> None:
        await self.administration.end_session(self.name, session_id, by=self.context.actor())
        await self._changed("Session ended.")

    async def _changed(self, text: str) -> None:
        """Show the new state, and what was done."""
        self.message.clear()
        if text:
            with self.message:
                alert("", "success", title=text)
        await close_ended_pages(self.context.interface.sessions)
        await self.show()

    def _button(self, title: str, icon_name: str, act: Callable[[], Awaitable[None]]) -> None:
        async def in_dialogs() -> None:
            if self.acting:  # a double click must not ask, and change, twice
                return
            self.acting = True
            try:
                with self.dialogs:  # the button may be redrawn before the user responds
                    await reporting_errors(act, where=PATH)()
            finally:
                self.acting = False

        ui.button(title, on_click=in_dialogs).props(f"flat no-caps icon={icon_name}").classes("button-text")

    async def _confirmed(self, question: str, text: str, action: str) -> bool:
        dialog = ui.dialog()
        dialog.props["aria-label"] = question
        with dialog, box("div", "card dialog"):
            Text("h2", question)
            Text("p", text)
            with box("div", "batch-actions"):
                keep = ui.button("Go back", on_click=lambda: dialog.submit(False))
                keep.props("flat no-caps autofocus").classes("button-text")
                confirm = ui.button(action, on_click=lambda: dialog.submit(True))
                confirm.props("unelevated no-caps color=negative").mark("confirm")
        confirmed = await answer_of(dialog)
        return bool(confirmed)
