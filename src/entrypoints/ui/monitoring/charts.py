"""Drawings of an overview, in HTML alone: each is one element, however many columns it has, and a table as well.

What is drawn is put together here, since a year has as many columns as days; every text in it is escaped.
"""

from collections.abc import Sequence
from html import escape

from nicegui import ui

from entrypoints.ui.monitoring.overview_view import Share
from entrypoints.ui.shared.columns import Column, Columns, Mark
from entrypoints.ui.shared.table import Table
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.widgets import Words, box, icon


def draw_columns(drawing: Columns, classes: str = "") -> ui.element:
    """Columns on lines; a description is read out in their place."""
    lines = "".join(_line(mark) for mark in drawing.lines)
    columns = "".join(_column(column) for column in drawing.columns)
    cut_offs = "".join(
        f'<div class="limit" style="left: {mark.at}%"><span>{escape(mark.text)}</span></div>'
        for mark in drawing.cut_offs
    )
    labels = "".join(f'<span style="left: {mark.at}%">{escape(mark.text)}</span>' for mark in drawing.labels)
    return _raw(
        f'<div class="plot" role="img" aria-label="{escape(drawing.description)}">'
        f'<div class="plot-room">{lines}<div class="columns">{columns}</div>{cut_offs}</div>'
        f'<div class="plot-labels">{labels}</div></div>',
        classes,
    )


def draw_table(table: Table, classes: str = "") -> None:
    """The table; its first column names the rows."""
    _raw(
        f'<div class="figures-room" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
        f'<table class="figures-table"><caption class="unseen">{escape(table.caption)}</caption>'
        f"{_head(table.heads)}<tbody>{''.join(map(_row, table.rows))}</tbody></table></div>",
        classes,
    )


def draw_as_table(table: Table) -> None:
    """The figures behind a drawing, for whoever would rather read them."""
    with box("details", "as-table"):
        Words("summary", "Show as a table")
        draw_table(table)


def draw_bars(shares: Sequence[Share], caption: str, heads: tuple[str, str, str]) -> None:
    """A row each: name, bar and figures; the drawing is the table."""
    body = "".join(
        f'<tr><th scope="row">{escape(one.label)}</th><td class="bar-cell" aria-hidden="true">'
        f'<div class="share-bar" style="width: {one.length}%"></div></td>'
        f'<td class="amount">{escape(one.count)}</td><td class="amount">{escape(one.share)}</td></tr>'
        for one in shares
    )
    name, count, share = map(escape, heads)
    head = (
        f'<thead><tr><th scope="col">{name}</th><td></td><th scope="col" class="amount">{count}</th>'
        f'<th scope="col" class="amount">{share}</th></tr></thead>'
    )
    _raw(
        f'<table class="bars"><caption class="unseen">{escape(caption)}</caption>{head}'
        f"<tbody>{body}</tbody></table>"
    )


def draw_split(shares: Sequence[Share]) -> None:
    """One bar parted by outcome, and each outcome's name, share and count."""
    parts = "".join(f'<div class="part-{one.look}" style="width: {one.length}%"></div>' for one in shares)
    _raw(f'<div class="split" aria-hidden="true">{parts}</div>')
    with box("dl", "split-legend"):
        for one in shares:
            with box("div", f"split-part split-{one.look}"):
                with box("dt"):
                    icon(OUTCOME_ICONS[one.look])
                    box("span", f"swatch part-{one.look}").props("aria-hidden=true")
                    Words("span", one.label)
                Words("dd", one.share, "split-share")
                Words("dd", one.count, "note")


def _line(mark: Mark) -> str:
    return f'<div class="line" style="bottom: {mark.at}%"><span>{escape(mark.text)}</span></div>'


def _column(column: Column) -> str:
    parts = "".join(f'<i class="part-{part.outcome}" style="height: {part.height}%"></i>' for part in column.parts)
    return f'<div title="{escape(column.text)}">{parts}</div>'


def _head(heads: tuple[str, ...]) -> str:
    cells = "".join(f'<th scope="col"{_amount(index)}>{escape(head)}</th>' for index, head in enumerate(heads))
    return f"<thead><tr>{cells}</tr></thead>"


def _row(row: tuple[str, ...]) -> str:
    name, *cells = map(escape, row)
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td class=amount>{cell}</td>" for cell in cells)}</tr>'


def _amount(index: int) -> str:
    return ' class="amount"' if index else ""


def _raw(markup: str, classes: str = "") -> ui.element:
    return ui.html(markup, sanitize=False).classes(classes)  # every text in it was escaped above
