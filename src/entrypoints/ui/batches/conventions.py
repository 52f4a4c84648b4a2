"""How a file writes percentages, incomes and decimals, as the person who uploads it states."""

from nicegui import ui

from domain.batches.file_conventions import (
    Convention,
    FileConventions,
    IncomeAs,
    PercentAs,
    Stated,
    conventions_from,
    kind_of,
)
from domain.products.product_definition import ProductDefinition
from domain.products.spelling import DecimalMark
from entrypoints.ui.shared.widgets import box

_LABELS: dict[Convention, str] = {
    PercentAs.PERCENT: "Percent: 15.5",
    PercentAs.FRACTION: "Fractions: 0.155 for 15.5 %",
    PercentAs.BASIS_POINTS: "Basis points: 1550 for 15.5 %",
    IncomeAs.YEARLY: "Dollars per year",
    IncomeAs.THOUSANDS: "Thousands of dollars per year",
    IncomeAs.MONTHLY: "Dollars per month",
    IncomeAs.CENTS: "Cents per year",
}
_SELECTIONS: tuple[tuple[str, str, tuple[Convention, ...]], ...] = (
    ("percent_as", "Percentages", tuple(PercentAs)),
    ("income_as", "Incomes", tuple(IncomeAs)),
)
_MARKS = {DecimalMark.POINT: "Point: 15.5", DecimalMark.COMMA: "Comma: 15,5"}
_CHECKED = "As usual; refuse what looks different"


class ConventionInputs:
    """Selections on the upload card; by default nothing is stated, and a file that looks different is refused."""

    def __init__(self, product: ProductDefinition) -> None:
        self._inputs: dict[str, ui.select] = {}
        with ui.expansion("File format").classes("file-format").mark("file-format"), box("div", "fields"):
            for name, label, conventions in _SELECTIONS:
                fields = [field for field in product.fields if kind_of(field) is type(conventions[0])]
                options = {str(Stated(each)): _LABELS[each] for each in conventions}
                if len(fields) > 1:
                    options |= {
                        str(Stated(each, (field.name,))): f"{field.label} only: {_LABELS[each].lower()}"
                        for each in conventions[1:]
                        for field in fields
                    }
                if fields:
                    self._add(name, label, options)
            self._add("decimal", "Decimals", {mark.value: text for mark, text in _MARKS.items()})

    def stated(self) -> FileConventions:
        """What is selected."""
        return conventions_from({name: element.value for name, element in self._inputs.items()})

    def _add(self, name: str, label: str, options: dict[str, str]) -> None:
        element = ui.select({"": _CHECKED, **options}, label=label, value="")
        element.props("outlined stack-label options-dense hide-bottom-space").mark(name)
        self._inputs[name] = element


def advice_on(fault: str) -> str:
    """Where to state what the fault asks for; empty if it asks for nothing."""
    asked = any(f"{name}=" in fault for name in ("percent_as", "income_as", "decimal"))
    return " Choose this under File format when you upload the file again." if asked else ""


def conventions_text(conventions: FileConventions) -> str:
    """What is stated, in words; empty if nothing is."""
    parts = []
    for stated in (conventions.percent_as, conventions.income_as):
        if stated is not None:
            columns = f" ({', '.join(stated.fields)})" if stated.fields else ""
            parts.append(_LABELS[stated.convention] + columns)
    if conventions.decimal is not None:
        parts.append(f"Decimals with a {conventions.decimal.value}")
    return "; ".join(parts)
