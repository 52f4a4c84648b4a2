"""The two drawings of a decision, in HTML alone: they print, shrink to a phone, and can be read out."""

from nicegui import ui

from entrypoints.ui.decisions.contributions import Bar, Contributions
from entrypoints.ui.decisions.pd_scale import PdScale
from entrypoints.ui.shared.widgets import Words, box, icon

_ZONE_WORDS = {"approved": "Approve", "referred": "Refer", "declined": "Decline"}


def draw_contributions(view: Contributions) -> None:
    """Bars to the left raise the risk, bars to the right lower it."""
    with box("div", "legend"):
        with box("span", "legend-raises"):
            icon("west")
            Words("span", "Raises risk")
        with box("span", "legend-lowers"):
            Words("span", "Lowers risk")
            icon("east")
    with box("table", "contributions"):
        Words("caption", "Points that each characteristic added or took away", "unseen")
        with box("thead", "unseen"), box("tr"):
            for title in ("Characteristic", "Bar", "Points"):
                Words("th", title).props("scope=col")
        with box("tbody"):
            _total("Average of the loans the model learned from", view.start)
            for bar in view.bars:
                _bar(bar, view.nought)
            _total("This applicant", view.end)


def _total(label: str, value: str) -> None:
    with box("tr", "total"):
        Words("th", label).props("scope=row colspan=2")
        Words("td", value, "amount")


def _bar(bar: Bar, nought: float) -> None:
    with box("tr", "raises" if bar.raises_risk else "lowers"):
        with box("th").props("scope=row"), box("span", "bar-name"):
            Words("span", bar.label, "bar-label")
            Words("span", bar.value, "bar-value")
        with box("td", "track"), box("div", "bar-room"):
            box("div", "nought").style(f"left: {nought}%")
            box("div", "bar").style(f"left: {bar.start}%; width: {bar.length}%")
        Words("td", bar.text, "amount")


def draw_pd_scale(scale: PdScale) -> None:
    """The interval as a band over the zones of the policy, the PD as a mark in it."""
    with box("div", "scale").props("role=img") as drawing:
        drawing.props["aria-label"] = scale.description
        with box("div", "scale-line"):
            for zone in scale.zones:
                with _segment("zone", zone.start, zone.end).classes(f"zone-{zone.outcome}"):
                    Words("span", _ZONE_WORDS[zone.outcome])
            for cut_off in scale.cut_offs:
                box("div", "cut-off").style(f"left: {cut_off.at}%")
            _segment("interval", scale.low, scale.high)
            box("div", "pd-mark").style(f"left: {scale.pd}%")
        with box("div", "scale-ticks"):
            for tick in scale.ticks:
                Words("span", tick.text).style(f"left: {tick.at}%")
    Words("p", scale.description, "note")


def _segment(classes: str, start: float, end: float) -> ui.element:
    return box("div", classes).style(f"left: {start}%; width: {end - start:.2f}%")
