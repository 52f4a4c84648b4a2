"""The chart of expected and observed default, in plain HTML. All text is escaped here."""

from html import escape

from nicegui import ui

from entrypoints.ui.monitoring.charts import gridlines_html, labels_html
from entrypoints.ui.outcomes.vintages_view import IMMATURE_NOTE, VintageChart, VintagePoint
from entrypoints.ui.shared.widgets import Text, box


def draw_vintages(chart: VintageChart) -> None:
    """Draw a dot for the observed default, a bar for its interval and a line for the expected one per month."""
    months = "".join(_month(point) for point in chart.points)
    titles = "".join(f'<div title="{escape(point.text)}"></div>' for point in chart.points)
    ui.html(
        f'<div class="plot"><div class="plot-drawing" role="img" aria-label="{escape(chart.description)}">'
        f'<div class="axis-title">Default</div><div class="plot-area">{gridlines_html(chart.gridlines)}'
        f'<div class="vintages">{months}</div></div><div class="plot-labels">{labels_html(chart.labels)}</div>'
        f'<div class="axis-title axis-title-below">Month of booking</div></div>'
        f'<div class="column-links" aria-hidden="true">{titles}</div></div>',
        sanitize=False,  # all text is escaped above
    )
    with box("ul", "vintage-legend"):
        for style, text in (
            ("observed", "Observed default with its 95 % interval"),
            ("expected", "Expected default: the mean probability of default, for the whole term"),
            ("immature", IMMATURE_NOTE),
        ):
            with box("li"):
                box("span", f"vintage-{style}-swatch").props("aria-hidden=true")
                Text("span", text)


def _month(point: VintagePoint) -> str:
    drawn = ""
    if point.low is not None and point.high is not None:
        drawn += f'<s style="bottom: {point.low}%; height: {max(point.high - point.low, 0):.2f}%"></s>'
    if point.expected is not None:
        drawn += f'<b style="bottom: {point.expected}%"></b>'
    if point.observed is not None:
        drawn += f'<i style="bottom: {point.observed}%"></i>'
    return f"<div{'' if point.complete else ' class=immature'}>{drawn}</div>"
