"""The filters of the overview, which its address states."""

from collections.abc import Callable, Mapping

from nicegui import ui

from domain.monitoring.overview_filter import OverviewFilter, OverviewNames
from domain.policies.scoring_policy import ScoringPolicy
from entrypoints.ui.shared.labels import CHANNELS
from entrypoints.ui.shared.widgets import box

FILTER_NAMES = ("channel", "received", "source", "grade", "trials")
_INCLUDED = "included"
_LONGEST = 100


def filter_from(query: Mapping[str, str]) -> OverviewFilter:
    """The filter in an address."""
    channel, received, source, grade, trials = (query.get(name, "")[:_LONGEST] for name in FILTER_NAMES)
    return OverviewFilter(
        channel or None, received or None, source or None, grade or None, include_trials=trials == _INCLUDED
    )


def filters_of(wanted: OverviewFilter) -> dict[str, str]:
    """The filter as the parameters of an address."""
    values = {
        "channel": wanted.channel,
        "received": wanted.received_through,
        "source": wanted.source,
        "grade": wanted.grade,
        "trials": _INCLUDED if wanted.include_trials else None,
    }
    return {name: value for name, value in values.items() if value}


def draw_filters(
    wanted: OverviewFilter, names: OverviewNames, policy: ScoringPolicy, apply: Callable[[dict[str, str]], None]
) -> None:
    """Draw the filters. `apply` is called with all parameters of the address when one is changed.

    Channels and sources can be chosen where callers gave any.
    """
    given = filters_of(wanted)

    def changed(name: str, value: str) -> None:
        apply({key: each for key, each in (given | {name: value}).items() if each})

    def choose(name: str, label: str, choices: Mapping[str, str]) -> None:
        current = given.get(name, "")
        if not choices and not current:
            return
        options = {"": "All"} | dict(choices) | ({current: current} if current not in {"", *choices} else {})
        field = ui.select(options, label=label, value=current)
        field.props("outlined dense stack-label hide-bottom-space options-dense").mark(f"overview-{name}")
        field.on_value_change(lambda event: changed(name, event.value))

    with box("form", "overview-filters").props('role=search aria-label="Filters" novalidate') as form:
        form.on("submit.prevent", lambda: None)
        choose("channel", "Channel", {name: name for name in names.channels})
        choose("source", "Source", {name: name for name in names.sources})
        choose("received", "Received through", CHANNELS)
        choose("grade", "Grade", {grade.name: grade.name for grade in policy.pricing.grades})
        trials = ui.checkbox("Include trial runs", value=wanted.include_trials).mark("overview-trials")
        trials.on_value_change(lambda event: changed("trials", _INCLUDED if event.value else ""))
