"""Users: who can log in, with which role, and whether they can at the moment; and adding a user."""

from nicegui import ui

from application.use_cases.access.administer_users import NewPassword
from application.use_cases.access.manage_users import NameTaken
from domain.access.user import Permission, Role
from domain.access.user_name import InvalidUsername
from entrypoints.ui.access.password_card import draw_password
from entrypoints.ui.access.user_view import ROLES, UserView, user_view
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.page_context import Interface, PageContext, add_page
from entrypoints.ui.shared.time_zone import zone_label
from entrypoints.ui.shared.widgets import Text, anchor, box, card, chip, page_header

PATH = "/users"
_COLUMNS = ("Username", "Role", "State", "Last login")


def register(interface: Interface) -> None:
    """Register the page /users."""
    add_page(interface, PATH, "Users", _build, current=PATH)


async def _build(context: PageContext) -> None:
    context.actor().require(Permission.MANAGE_USERS)
    page_note = f"Who can log in, and with which role. Times are in {zone_label(context.zone)}."
    with page_header("Users", page_note):
        pass
    users = UserList(context)
    AddUserForm(context, users).build()
    users.results = box("div", "results")
    await users.show()


class UserList:
    """The table of users."""

    results: ui.element

    def __init__(self, context: PageContext) -> None:
        self.context = context

    async def show(self) -> None:
        """Load and draw the users."""
        found = await self.context.use_cases.user_administration.list(by=self.context.actor())
        self.results.clear()
        with self.results, box("div", "card list-card"), box("table", "list-table user-table"):
            Text("caption", "Users, by name", "visually-hidden")
            with box("thead"), box("tr"):
                for title in _COLUMNS:
                    Text("th", title).props("scope=col")
            with box("tbody"):
                for user in found:
                    _draw_row(user_view(user, self.context.zone))


def _draw_row(view: UserView) -> None:
    with box("tr"):
        with box("td", "cell-decided"):
            anchor(view.name, view.page, "row-link")
        Text("td", view.role, "cell-purpose")
        with box("td", "cell-outcome"):
            chip(view.state, view.style, view.icon_name)
        Text("td", view.last_login, "cell-by")


class AddUserForm:
    """Adds a user, and shows the generated password once."""

    def __init__(self, context: PageContext, users: UserList) -> None:
        self.context = context
        self.users = users

    def build(self) -> None:
        """Draw the form."""
        note = "The service generates a password, which is shown once. The role can be changed later."
        with card("Add a user", "narrow add-user", note=note):
            submit = reporting_errors(self._submit, where=PATH)
            with box("form", "add-user-form").on("submit.prevent", submit).mark("add-user-form"):
                self.name = ui.input("Username").props("outlined stack-label maxlength=100 autocomplete=off")
                self.name.mark("new-name")
                self.role = ui.select(ROLES, label="Role", value=None).props("outlined stack-label options-dense")
                self.role.mark("new-role")
                ui.button("Add user").props("unelevated no-caps type=submit icon=person_add").classes(
                    "button-primary"
                )
            self.result = box("div", "result")

    async def _submit(self) -> None:
        self.result.clear()
        self.name.error = None if (self.name.value or "").strip() else "Required"
        self.role.error = None if self.role.value else "Select an option"
        if self.name.error or self.role.error:
            return
        try:
            added: NewPassword = await self.context.use_cases.user_administration.add(
                self.name.value.strip(), Role(self.role.value), by=self.context.actor()
            )
        except (InvalidUsername, NameTaken) as error:
            self.name.error = sentence(str(error))
            return
        self.name.value, self.role.value = "", None
        with self.result:
            draw_password(added, f"Added {added.name}")
        await self.users.show()
