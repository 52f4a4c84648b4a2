"""The inputs for what the credit bureau says about its data, which every product has."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from domain.applications.bureau_fields import BUREAU_REPORT_DATE, BUREAU_STATUS, NAMES
from domain.decisions.bureau_data import InvalidBureauData, given_bureau_data, read_bureau_data
from domain.decisions.circumstances import Circumstances
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.labels import BUREAU, BUREAU_STATUSES

IN_FUTURE = "Enter a date that is not after today (UTC)"
_ERRORS = {BUREAU_STATUS: "Select an option", BUREAU_REPORT_DATE: IN_FUTURE}


def draw_bureau_inputs() -> dict[str, Any]:
    """Draw the inputs, by name."""
    status = ChoiceInput(
        {status.value: label for status, label in BUREAU_STATUSES.items()},
        label=f"{BUREAU[BUREAU_STATUS]} (optional)",
        empty="Not stated",
    )
    status.props["hint"] = "Missing, frozen or disputed data needs an underwriter."
    day = ui.input(f"{BUREAU[BUREAU_REPORT_DATE]} (optional)").props("type=date")
    day.props["hint"] = "A report older than the policy allows needs an underwriter."
    return {BUREAU_STATUS: status, BUREAU_REPORT_DATE: day}


def bureau_data_from(entries: Mapping[str, str | None]) -> tuple[Circumstances, dict[str, str]]:
    """The circumstances in the form, and the errors by name."""
    try:
        return read_bureau_data(*((entries.get(name) or "").strip() or None for name in NAMES)), {}
    except InvalidBureauData as invalid:
        return Circumstances(), {fault.field: _ERRORS[fault.field] for fault in invalid.faults}


def bureau_entries(circumstances: Circumstances) -> dict[str, str]:
    """The entries that state these circumstances."""
    return {name: str(value) for name, value in given_bureau_data(circumstances).items()}
