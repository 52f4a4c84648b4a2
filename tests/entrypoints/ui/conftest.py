"""Fixtures that simulate users of the web interface, without NiceGUI's pytest plugin."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(
    0, str(Path(__file__).parent)
)  # `entrypoints` is the package under test: helpers go by plain names

from nicegui import app
from nicegui.storage import Storage
from nicegui.testing.user_simulation import user_simulation
from ui_lender import UiLender
from ui_person import Person

from entrypoints.ui.registration import public_routes, register_pages


@pytest.fixture
def lender() -> UiLender:
    return UiLender()


@pytest.fixture
async def person(lender: UiLender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Person]:
    """A user with a browser, not logged in."""
    monkeypatch.setattr(Storage, "path", tmp_path)
    monkeypatch.setattr(app, "storage", Storage())
    modules = {
        name: module for name, module in sys.modules.items() if name.split(".")[0] in {"entrypoints", "nicegui"}
    }
    handlers = dict(app.exception_handlers)
    try:
        async with user_simulation() as user:
            app.routes.extend(public_routes(register_pages(lender.use_cases, version="0.1.0")))
            yield Person(user)
    finally:
        app.exception_handlers.clear()
        app.exception_handlers.update(handlers)
        sys.modules.update(modules)  # the simulation removes the modules of pages
