"""A generated password, shown once."""

from nicegui import ui

from application.use_cases.access.administer_users import NewPassword
from entrypoints.ui.shared.widgets import Text, box, icon


def draw_password(new: NewPassword, title: str) -> None:
    """Draw the password in the current element; it cannot be shown again."""
    with box("div", "alert alert-success password-once").props("role=status"):
        icon("key")
        with box("div"):
            Text("strong", title)
            Text("p", f"Give {new.name} this password over a safe channel. It is shown only now.")
            with box("div", "identifier"):
                Text("code", new.password, "password")
                copy = ui.button(icon="content_copy", on_click=lambda: ui.clipboard.write(new.password))
                copy.props('flat dense round size=sm aria-label="Copy password"')
            if new.must_change:
                Text("p", f"{new.name} must choose another one at the first login.")
