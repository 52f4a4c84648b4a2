"""Keeps what is typed into the form, so that a lost connection, a restart or an ended session loses nothing.

The draft stays in the browser's tab, encrypted by `assets/application_form.js` with a key that only pages of the
same user contain. Another user of the same browser cannot read it, and the service stores no application that was
not submitted.
"""

import json
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from typing import Any
from uuid import UUID, uuid4

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement
from nicegui.events import GenericEventArguments

from application.ports.decisions.idempotency import IdempotencyKey, canonical_request
from entrypoints.ui.shared.theme import ASSETS

_SCRIPT = (ASSETS / "application_form.js").read_text(encoding="utf-8")
_LONGEST_TEXT = 200
_EVENT = "draft"

Restore = Callable[[Mapping[str, str]], None]
"""Enters the texts of a draft by field name."""


def user_key(secret: bytes, username: str) -> str:
    """The key of a user's drafts in hexadecimal; 256 bits."""
    return digest(secret, username.encode(), "sha256").hex()


@dataclass(slots=True)
class Draft:
    """One form that is being filled. Its identifier survives with its entries."""

    id: str

    @classmethod
    def new(cls) -> "Draft":
        return cls(str(uuid4()))

    def key_of(self, request: Any) -> IdempotencyKey:
        """The same key for the same request of this draft, so that it is decided once even after a restart."""
        content = sha256(canonical_request(request).encode()).hexdigest()
        return IdempotencyKey(f"{self.id}:{content[:32]}")

    def keep(
        self,
        elements: Mapping[str, ValidationElement[Any]],
        *,
        key: str,
        restore: Restore,
        focus: bool = True,
        longest: int = _LONGEST_TEXT,
    ) -> None:
        """Restore the draft of this address in this tab, then keep every change of the elements by name.

        The draft arrives when the page is connected. What the user entered by then is newer, and stays: only
        entries that are still those of the page are restored. With `focus`, the first element gets the focus.
        No text may be longer than `longest`.
        """
        begun = {name: element.value or "" for name, element in elements.items()}

        def restored(event: GenericEventArguments) -> None:
            draft = event.args if isinstance(event.args, Mapping) else {}
            with suppress(ValueError):
                self.id = str(UUID(str(draft.get("id"))))
                kept = texts_in(draft.get("values"), elements, longest)
                texts = {
                    name: text
                    for name, text in kept.items()
                    if text != begun[name] == (elements[name].value or "")
                }
                if texts:
                    restore(texts)
            ui.run_javascript("applicationForm.watch()")

        ui.on(_EVENT, restored)
        ids = {name: element.id for name, element in elements.items()}
        settings = json.dumps({"key": key, "id": self.id, "elements": ids, "event": _EVENT, "focus": focus})
        ui.add_body_html(f"<script>{_SCRIPT}\napplicationForm.start({settings})</script>")

    def entries_in(self, given: object) -> object:
        """The entries in what CURRENT sent; None if they are those of an earlier draft, which was submitted."""
        current = given if isinstance(given, Mapping) else {}
        return current.get("values") if current.get("id") == self.id else None

    def renew(self) -> None:
        """Begin another draft with the entries that are left, because some were submitted."""
        self.id = str(uuid4())
        ui.run_javascript(f"applicationForm.renew({json.dumps(self.id)})")

    def discard(self) -> None:
        """Forget the entries in the browser, because they are submitted or no longer wanted."""
        ui.run_javascript("applicationForm.discard()")


def texts_in(given: object, names: Container[str], longest: int = _LONGEST_TEXT) -> dict[str, str]:
    """The texts by field name in what a browser sent; anything else is left out."""
    items = given.items() if isinstance(given, Mapping) else ()
    return {name: text[:longest] for name, text in items if name in names and isinstance(text, str)}


ENTRIES = "() => emit(applicationForm.entries())"
"""The handler of an event in the browser that sends the texts by field name.

What the server received before can be incomplete: NiceGUI sends what is typed a moment later.
"""

CURRENT = "() => emit(applicationForm.current())"
"""The handler of an event in the browser that sends the draft's identifier with the texts.

A second click arrives after the first one was done, with entries that were submitted already.
"""
