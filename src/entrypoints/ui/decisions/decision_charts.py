"""The charts of the decision page in plain HTML, which prints, fits a phone and works with screen readers."""

from nicegui import ui

from entrypoints.ui.decisions.contributions import Bar, Contributions
from entrypoints.ui.decisions.pd_scale import PdScale
from entrypoints.ui.shared.widgets import Text, box, icon

_ZONE_LABELS = {"approved": "Approve", "referred": "Refer", "declined": "Decline"}


def draw_contributions(view: Contributions) -> None:
    """Draw the contributions: bars to the left raise the risk, bars to the right lower it."""
    with box("div", "legend"):
        with box("span", "legend-raises"):
            icon("west")
            Text("span", "Raises risk")
        with box("span", "legend-lowers"):
            Text("span", "Lowers risk")
            icon("east")
    with box("table", "contributions"):
        Text("caption", "Points added or subtracted by each characteristic", "visually-hidden")
        with box("thead", "visually-hidden"), box("tr"):
            for title in ("Characteristic", "Bar", "Points"):
                Text("th", title).props("scope=col")
        with box("tbody"):
            _total("Training average", view.start)
            for bar in view.bars:
                _bar(bar, view.zero)
            _total("This applicant", view.end)


def _total(label: str, value: str) -> None:
    with box("tr", "total"):
        Text("th", label).props("scope=row colspan=2")
        Text("td", value, "amount")


def _bar(bar: Bar, zero: float) -> None:
    with box("tr", "raises" if bar.raises_risk else "lowers"):
        with box("th").props("scope=row"), box("span", "bar-name"):
            Text("span", bar.label, "bar-label")
            Text("span", bar.value, "bar-value")
        with box("td", "track"), box("div", "bar-track"):
            box("div", "zero-line").style(f"left: {zero}%")
            box("div", "bar").style(f"left: {bar.start}%; width: {bar.length}%")
        Text("td", bar.text, "amount")


def draw_pd_scale(scale: PdScale) -> None:
    """Draw the PD and its interval over the zones of the policy."""
    with box("div", "scale").props("role=img") as drawing:
        drawing.props["aria-label"] = scale.description
        with box("div", "scale-line"):
            for zone in scale.zones:
                with _positioned("zone", zone.start, zone.end).classes(f"zone-{zone.outcome}"):
                    Text("span", _ZONE_LABELS[zone.outcome])
            for cut_off in scale.cut_offs:
                box("div", "cut-off").style(f"left: {cut_off.at}%")
            _positioned("interval", scale.low, scale.high)
            box("div", "pd-mark").style(f"left: {scale.pd}%")
        with box("div", "scale-ticks"):
            for tick in scale.ticks:
                Text("span", tick.text).style(f"left: {tick.at}%")
    Text("p", scale.description, "note")


def _positioned(classes: str, start: float, end: float) -> ui.element:
    return box("div", classes).style(f"left: {start}%; width: {end - start:.2f}%")
