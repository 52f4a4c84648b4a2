"""The inputs for references and origin of an application, which every product has and no model scores."""

from collections.abc import Mapping

from nicegui import ui

from domain.applications.application_identity import TEXTS, ApplicationIdentity
from domain.applications.synthetic import RESERVED, caller_faults
from entrypoints.ui.shared.labels import IDENTITY

_HINTS: Mapping[str, str] = {
    "application_reference": "Your own number of this application.",
    "applicant_reference": "Your own key of the applicant, without personal data.",
    "source": "The system that the application comes from.",
    "channel": "How the applicant reached you: branch, broker, portal.",
}
COPIED = ("applicant_reference", "source", "channel")
"""What a new application for the same applicant has in common with an earlier one."""


class InvalidReferences(ValueError):
    """At least one input is invalid; `errors` holds the messages by name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def draw_identity_inputs() -> dict[str, ui.input]:
    """Draw the inputs, by name."""
    drawn = {}
    for name, longest in TEXTS.items():
        drawn[name] = ui.input(f"{IDENTITY[name]} (optional)")
        drawn[name].props(f"autocomplete=off maxlength={longest}").props["hint"] = _HINTS[name]
    return drawn


def identity_from(entries: Mapping[str, str | None], *, supersedes: bool = False) -> ApplicationIdentity:
    """The references in the form, which may decide an application again; raises InvalidReferences."""
    texts = {name: (entries.get(name) or "").strip() or None for name in TEXTS}
    errors = {
        fault.field: "This source is reserved for the demonstration"
        if fault.problem == RESERVED
        else f"Enter {fault.allowed}"
        for fault in caller_faults(texts, supersedes=supersedes)
    }
    if errors:
        raise InvalidReferences(errors)
    return ApplicationIdentity(**dict(texts))  # type: ignore[arg-type] # mypy takes a text for the metadata
