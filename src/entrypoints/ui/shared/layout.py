"""What stands around every page: the head with name, navigation and user, and what is shown when a page fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from nicegui import ui

from domain.access.user import Actor, Permission
from entrypoints.ui.access.sessions import ACCOUNT, FRONT_DOOR, first_page
from entrypoints.ui.shared.theme import FAVICON
from entrypoints.ui.shared.widgets import Words, anchor, box, icon

PRODUCT = "Credit Scoring"


class Destination(NamedTuple):
    """An entry of the navigation, for those who may."""

    path: str
    title: str
    sign: str
    needs: Permission


NAVIGATION = (
    Destination("/", "New application", "post_add", Permission.ASSESS_APPLICATIONS),
    Destination("/overview", "Overview", "bar_chart", Permission.READ_ALL_DECISIONS),
    Destination("/decisions", "Decisions", "list_alt", Permission.READ_DECISIONS),
    Destination("/batches", "Batches", "upload_file", Permission.READ_DECISIONS),
    Destination("/audit", "Audit trail", "verified_user", Permission.VERIFY_AUDIT_TRAIL),
)

NO_PAGES = (
    "Users are managed with the command scoring users. This role opens no decisions, batches or audit trail."
)
"""Shown in place of the navigation to a role without entries in it: the admin."""


@contextmanager
def frame(actor: Actor | None, *, here: str, version: str) -> Iterator[ui.element]:
    """The page around its content; the content goes into what is given."""
    ui.html('<a class="skip" href="#content">Skip to content</a>', sanitize=False)
    with box("div", "top"), box("div", "top-inner"):
        with box("a", "brand") as brand:
            brand.props["href"] = FRONT_DOOR if actor is None else first_page(actor)
            ui.html(FAVICON, sanitize=False, tag="span").classes("mark")
            Words("span", PRODUCT)
        if actor is not None:
            _navigation(actor, here)
            _user(actor)
    with box("main", "page").props("id=content tabindex=-1") as content:
        yield content
    with box("footer", "foot"):
        Words("span", f"{PRODUCT} {version}".strip())
        Words("span", "Every decision is on record before it is shown.")


def _navigation(actor: Actor, here: str) -> None:
    allowed = [entry for entry in NAVIGATION if actor.may(entry.needs)]
    if not allowed:
        Words("p", NO_PAGES, "nav-none")
        return
    with box("nav", "nav").props('aria-label="Main"'):
        for entry in allowed:
            with anchor("", entry.path, "nav-link") as link:
                icon(entry.sign)
                Words("span", entry.title)
            if entry.path == here:
                link.classes("nav-here").props("aria-current=page")


def _user(actor: Actor) -> None:
    with box("div", "user"):
        with box("a", "user-name") as own:
            own.props["href"] = ACCOUNT
            own.props["title"] = "Change your password"
            Words("strong", actor.name)
            Words("span", actor.role.value.capitalize())
        with (
            box("form").props("method=post action=/logout"),
            box("button", "log-out").props('type=submit aria-label="Log out" title="Log out"'),
        ):
            icon("logout")
            Words("span", "Log out")
