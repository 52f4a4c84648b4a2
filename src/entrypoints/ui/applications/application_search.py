"""The search of applications: filters and page, which the page's address states."""

from collections.abc import Mapping
from urllib.parse import urlencode

from application.ports.applications.applications import ApplicationFilter
from domain.applications.application_state import ApplicationState
from entrypoints.ui.decisions.decision_search import ListPage

PATH = "/applications"
FILTER_NAMES = ("reference", "applicant", "state")
_LONGEST = 128
_STATES = {state.value: state for state in ApplicationState}

Search = Mapping[str, str | None]
"""What is entered or in the address, by the names of `FILTER_NAMES`."""


def filter_from(search: Search) -> ApplicationFilter:
    """The filter for the entered values; an unknown state counts as none."""
    given = {name: (search.get(name) or "").strip()[:_LONGEST] or None for name in FILTER_NAMES}
    state = given["state"]
    return ApplicationFilter(given["reference"], given["applicant"], _STATES.get(state) if state else None)


def address_of(search: Search, page: ListPage) -> str:
    """The address of a page of the search."""
    query: list[tuple[str, str]] = [(name, text) for name in FILTER_NAMES if (text := search.get(name))]
    if page.number > 1:
        query += [("page", str(page.number)), *(("cursor", cursor) for cursor in page.cursors)]
    return f"{PATH}?{urlencode(query)}" if query else PATH
