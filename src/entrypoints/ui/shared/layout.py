"""The frame of every page: header with navigation and user, content, footer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from nicegui import ui

from domain.access.user import Actor, Permission
from entrypoints.ui.access.sessions import ACCOUNT, HOME, first_page
from entrypoints.ui.shared.navigation_counts import NavigationCounts
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.theme import FAVICON
from entrypoints.ui.shared.widgets import Text, anchor, box, icon

PRODUCT = "Credit Scoring"


class NavigationEntry(NamedTuple):
    """An entry of the navigation, shown to users with the permission."""

    path: str
    title: str
    icon_name: str
    needs: Permission


NAVIGATION = (
    NavigationEntry("/", "New application", "post_add", Permission.ASSESS_APPLICATIONS),
    NavigationEntry("/overview", "Overview", "bar_chart", Permission.READ_ALL_DECISIONS),
    NavigationEntry("/decisions", "Decisions", "list_alt", Permission.READ_DECISIONS),
    NavigationEntry("/cases", "Cases", "cases", Permission.READ_ALL_DECISIONS),
    NavigationEntry("/notices", "Notices", "mail", Permission.READ_DECISIONS),
    NavigationEntry("/applications", "Applications", "folder_shared", Permission.READ_DECISIONS),
    NavigationEntry("/overrides", "Overrides", "gavel", Permission.READ_OVERRIDES),
    NavigationEntry("/outcomes", "Outcomes", "insights", Permission.READ_PERFORMANCE),
    NavigationEntry("/batches", "Batches", "upload_file", Permission.READ_DECISIONS),
    NavigationEntry("/audit", "Audit trail", "verified_user", Permission.VERIFY_AUDIT_TRAIL),
    NavigationEntry("/users", "Users", "group", Permission.MANAGE_USERS),
)

_THEMES = {"automatic": "brightness_auto", "light": "light_mode", "dark": "dark_mode"}
"""The states of the switch of `theme.js`, and their icons."""


@contextmanager
def frame(
    actor: Actor | None,
    *,
    current: str,
    version: str,
    last_login: str = "",
    counts: NavigationCounts | None = None,
    synthetic: bool = False,
) -> Iterator[ui.element]:
    """Draw the page frame; yields the element for the content. `current` is the path of the navigation entry.

    A banner says that the installation contains `synthetic` data.
    """
    _avoid_second_main()
    ui.html('<a class="skip-link" href="#content">Skip to content</a>', sanitize=False)
    with box("header", "header"), box("div", "header-inner"):
        with box("a", "brand") as brand:
            brand.props["href"] = address(HOME if actor is None else first_page(actor))
            ui.html(FAVICON, sanitize=False, tag="span").classes("logo")
            Text("span", PRODUCT)
        if actor is not None:
            _navigation(actor, current, counts or NavigationCounts())
            _user(actor)
    if synthetic:
        with box("aside", "synthetic-banner").props('aria-label="Synthetic data"'):
            Text("p", "This installation contains synthetic data of a demonstration.")
    with box("main", "page").props("id=content tabindex=-1") as content:
        yield content
    with box("footer", "footer"):
        Text("span", f"{PRODUCT} {version}".strip())
        if last_login:
            Text("span", f"Your last login: {last_login}")
        Text("span", "Every decision is recorded before it is shown.")


def _avoid_second_main() -> None:
    """Draw Quasar's page as a `div`: it is a `main` element, which would contain the header and the footer."""
    slot = ui.context.client.content.parent_slot
    if slot is not None and slot.parent.tag == "q-page":
        slot.parent.tag = "div"
        slot.parent.classes("q-page")


def _navigation(actor: Actor, current: str, counts: NavigationCounts) -> None:
    allowed = [entry for entry in NAVIGATION if actor.may(entry.needs)]
    with box("nav", "nav").props('aria-label="Main"'):
        for entry in allowed:
            with anchor("", entry.path, "nav-link") as link:
                icon(entry.icon_name)
                Text("span", entry.title)
                counts.draw(entry.path)
            if entry.path == current:
                link.classes("nav-current").props("aria-current=page")


def _user(actor: Actor) -> None:
    with box("div", "user"):
        with box("a", "user-name") as own:
            own.props["href"] = address(ACCOUNT)
            own.props["title"] = "Change your password"
            Text("strong", actor.name)
            Text("span", actor.role.value.capitalize())
        with box("button", "theme-switch").props('type=button title="Change the color theme"'):
            for name, icon_name in _THEMES.items():
                with box("span", f"theme-{name}"):
                    icon(icon_name)
                    Text("span", f"Color theme: {name}", "visually-hidden")
        with (
            box("form").props(f"method=post action={address('/logout')}"),
            box("button", "log-out").props('type=submit aria-label="Log out" title="Log out"'),
        ):
            icon("logout")
            Text("span", "Log out")
