"""Keys of pages, and pages that show what others change.

A visible page asks for changes every few seconds; a hidden one does not. Keys press the visible button with the
attribute `data-key`, unless the user is typing; the user can turn them off (WCAG 2.2, 2.1.4).
"""

import json
from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui
from nicegui.events import GenericEventArguments

from entrypoints.ui.access.sessions import LoggedOut, log_in_address
from entrypoints.ui.shared.error_messages import error_message_for
from entrypoints.ui.shared.theme import ASSETS
from entrypoints.ui.shared.widgets import Text, alert, box

POLL_SECONDS = 5
_EVENT = "page-poll"
OPEN_FORM = "() => livePage.openForm()"
"""The handler of an event in the browser that goes to the form that decides the case."""
_SCRIPT = (ASSETS / "live.js").read_text(encoding="utf-8")


def poll(refresh: Callable[[bool], Awaitable[None]], where: str, *, seconds: int = POLL_SECONDS) -> None:
    """Call `refresh` every few seconds while the page is visible, with whether its user was active lately.

    An error is shown where `poll` is called, until a later call succeeds.
    """
    problem = box("div", "live-problem")
    running = failed = False

    async def polled(event: GenericEventArguments) -> None:
        nonlocal running, failed
        if running:  # a slow response must not queue others
            return
        running = True
        active = isinstance(event.args, Mapping) and event.args.get("active") is True
        try:
            await refresh(active)
        except LoggedOut:
            ui.navigate.to(log_in_address(ui.context.client.request))
        except Exception as error:
            if not failed:  # later ones would repeat the log entry and what screen readers announce
                message = error_message_for(error, where)
                with problem:
                    alert(message.details, "warning", title="This page may be out of date")
            failed = True
        else:
            problem.clear()
            failed = False
        finally:
            running = False

    ui.on(_EVENT, polled)
    settings = json.dumps({"event": _EVENT, "seconds": seconds})
    ui.add_body_html(f"<script>{_SCRIPT}\nlivePage.start({settings})</script>")


def pressed_by(button: ui.element, key: str) -> None:
    """Let a key press the button."""
    button.props(f'data-key={key} aria-keyshortcuts={key.upper()} data-focus="key-{key}"')


def draw_keys(keys: Mapping[str, str]) -> None:
    """Draw the line that explains the keys, with the switch that turns them off."""
    with box("p", "page-keys note screen-only"):
        Text("span", "Keyboard:", "page-keys-title")
        with box("span", "page-keys-list"):
            for key, meaning in keys.items():
                with box("span", "page-key"):
                    Text("kbd", key.upper())
                    Text("span", meaning)
        with box("button", "page-keys-switch").props("type=button"):
            Text("span", "Turn off", "keys-on")
            Text("span", "Turn on", "keys-off")
