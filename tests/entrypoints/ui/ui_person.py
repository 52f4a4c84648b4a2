"""A simulated user of the web interface."""

import asyncio

import httpx
from nicegui import ui
from nicegui.testing import User
from ui_lender import PASSWORD

from entrypoints.ui.shared.widgets import Text


class Person:
    """A simulated user with a browser."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.browser: httpx.AsyncClient = user.http_client

    async def log_in(self, name: str = "marta", password: str = PASSWORD, next_page: str = "") -> httpx.Response:
        return await self.browser.post("/login", data={"name": name, "password": password, "next": next_page})

    async def open(self, path: str) -> None:
        await self.user.open(path)

    def enter(self, **values: str) -> None:
        for marker, value in values.items():
            with self.user.client:
                for element in self.user.find(marker=marker).elements:
                    element.value = value

    async def submit_form(self) -> None:
        self.user.find(marker="application").trigger("submit.prevent")
        await asyncio.sleep(0.2)

    async def click(self, what: str) -> None:
        self.user.find(kind=ui.button, content=what).click()
        await asyncio.sleep(0.2)

    async def should_see(self, *texts: str) -> None:
        for text in texts:
            await self.user.should_see(text)

    async def should_not_see(self, *texts: str) -> None:
        for text in texts:
            await self.user.should_not_see(text)

    def texts(self) -> list[str]:
        return [element.text for element in self.user.client.elements.values() if isinstance(element, Text)]

    def error_at(self, field: str) -> str | None:
        (element,) = self.user.find(marker=field).elements
        return element.error
