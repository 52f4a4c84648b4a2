"""Charts and tables of the overview in plain HTML.

Each chart is a single element, because a year has a column per day. All text is escaped here.
"""

from collections.abc import Sequence
from html import escape

from nicegui import ui

from entrypoints.ui.monitoring.shares import Share
from entrypoints.ui.shared.column_chart import Column, ColumnChart, Mark
from entrypoints.ui.shared.formats import counted
from entrypoints.ui.shared.root_path import address
from entrypoints.ui.shared.table import Cell, Table
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import Text, anchor, box, icon


def draw_columns(chart: ColumnChart, classes: str = "") -> ui.element:
    """Draw columns over gridlines; screen readers read the description instead.

    The links of columns are for the mouse: the table of the chart has the same for keyboards and screen readers.
    """
    columns = "".join(_column(column) for column in chart.columns)
    cut_offs = "".join(
        f'<div class="cut-off-line" style="left: {mark.at}%"><span>{escape(mark.text)}</span></div>'
        for mark in chart.cut_offs
    )
    links = "".join(_column_link(column) for column in chart.columns)
    vertical, horizontal = map(escape, chart.axes)
    gridlines, labels = gridlines_html(chart.gridlines), labels_html(chart.labels)
    return _raw(
        f'<div class="plot"><div class="plot-drawing" role="img" aria-label="{escape(chart.description)}">'
        f'<div class="axis-title">{vertical}</div>'
        f'<div class="plot-area">{gridlines}<div class="columns">{columns}</div>{cut_offs}</div>'
        f'<div class="plot-labels">{labels}</div><div class="axis-title axis-title-below">{horizontal}</div></div>'
        f'<div class="column-links" aria-hidden="true">{links}</div></div>',
        classes,
    )


def gridlines_html(gridlines: Sequence[Mark]) -> str:
    """The horizontal lines of a plot with their texts."""
    return "".join(_gridline(mark) for mark in gridlines)


def labels_html(labels: Sequence[Mark]) -> str:
    """The texts below a plot."""
    return "".join(f'<span style="left: {mark.at}%">{escape(mark.text)}</span>' for mark in labels)


def draw_before_legend() -> ui.element:
    """Draw the explanation of the lines in columns."""
    with box("p", "note before-legend") as legend:
        box("span", "before-line").props("aria-hidden=true")
        Text("span", "The period before")
    return legend


def draw_table(table: Table, classes: str = "") -> None:
    """Draw the table; the first column holds the row headings."""
    _raw(
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
        f'<table class="figures-table"><caption class="visually-hidden">{escape(table.caption)}</caption>'
        f"{_head(table.headings)}<tbody>{''.join(map(_row, table.rows))}</tbody></table></div>",
        classes,
    )


def draw_data_table(table: Table) -> None:
    """Draw the data of a chart as an expandable table."""
    with box("details", "data-table"):
        Text("summary", "Show as table")
        draw_table(table)


def draw_bars(shares: Sequence[Share], caption: str, headings: tuple[str, str, str]) -> None:
    """Draw a table row with a bar for each share."""
    body = "".join(
        f'<tr><th scope="row">{escape(one.label)}</th><td class="bar-cell" aria-hidden="true">'
        f'<div class="share-bar" style="width: {one.length}%"></div></td>'
        f'<td class="amount">{escape(one.count)}</td>'
        f'<td class="amount">{escape(one.share)}{_note(one.before)}</td></tr>'
        for one in shares
    )
    name, count, share = map(escape, headings)
    head = (
        f'<thead><tr><th scope="col">{name}</th><td></td><th scope="col" class="amount">{count}</th>'
        f'<th scope="col" class="amount">{share}</th></tr></thead>'
    )
    _raw(
        f'<table class="bars"><caption class="visually-hidden">{escape(caption)}</caption>{head}'
        f"<tbody>{body}</tbody></table>"
    )


def _note(text: str) -> str:
    return f'<span class="note">{escape(text)}</span>' if text else ""


def draw_outcome_split(shares: Sequence[Share]) -> None:
    """Draw one bar divided by outcome, with a legend of shares and counts that leads to the decisions."""
    segments = "".join(
        f'<a tabindex="-1" href="{escape(address(one.href))}" title="{escape(f"{one.label}: {one.share}")}" '
        f'class="segment-{one.style}" style="width: {one.length}%"></a>'
        for one in shares
        if one.href
    )
    _raw(f'<div class="outcome-split" aria-hidden="true">{segments}</div>')
    with box("dl", "split-legend"):
        for one in shares:
            with box("div", f"split-part split-{one.style}"):
                with box("dt"):
                    icon(OUTCOME_ICONS[one.style])
                    box("span", f"swatch segment-{one.style}").props("aria-hidden=true")
                    Text("span", one.label)
                Text("dd", one.share, "split-share")
                with box("dd", "split-count"):
                    if one.href:
                        anchor(counted(int(one.count.replace(",", "")), "decision", "decisions"), one.href)
                    else:
                        Text("span", "No decisions", "note")
                if one.before:
                    Text("dd", one.before, "note split-before")


def _gridline(mark: Mark) -> str:
    return f'<div class="gridline" style="bottom: {mark.at}%"><span>{escape(mark.text)}</span></div>'


def _column(column: Column) -> str:
    segments = "".join(
        f'<i class="segment-{one.outcome}" style="height: {one.height}%"></i>' for one in column.segments
    )
    before = "" if column.before is None else f'<b style="bottom: {column.before}%"></b>'
    return f"<div>{segments}{before}</div>"


def _column_link(column: Column) -> str:
    title = f'title="{escape(column.text)}"'
    if not column.href:
        return f"<div {title}></div>"
    return f'<a tabindex="-1" href="{escape(address(column.href))}" {title}></a>'


def _head(headings: tuple[str, ...]) -> str:
    cells = "".join(f'<th scope="col"{_amount(index)}>{escape(head)}</th>' for index, head in enumerate(headings))
    return f"<thead><tr>{cells}</tr></thead>"


def _row(row: tuple[Cell, ...]) -> str:
    name, *cells = map(_cell, row)
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td class=amount>{cell}</td>" for cell in cells)}</tr>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return escape(cell)
    return f'<a href="{escape(address(cell.href))}">{escape(cell.text)}</a>'


def _amount(index: int) -> str:
    return ' class="amount"' if index else ""


def _raw(markup: str, classes: str = "") -> ui.element:
    return ui.html(markup, sanitize=False).classes(classes)  # all text is escaped above
