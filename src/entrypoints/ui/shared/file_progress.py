"""The progress bar of a file."""

from typing import Protocol

from entrypoints.ui.shared.widgets import box


class FileProgress(Protocol):
    """How much of a file has been processed, in percent."""

    @property
    def name(self) -> str: ...

    @property
    def percent(self) -> int: ...

    @property
    def style(self) -> str: ...


def draw_progress(view: FileProgress) -> None:
    """Draw how much of the file has been processed."""
    with box("div", f"progress progress-{view.style}") as bar:
        bar.props(f"role=progressbar aria-valuemin=0 aria-valuemax=100 aria-valuenow={view.percent}")
        bar.props["aria-label"] = f"{view.name}: {view.percent} percent"
        box("div", "progress-done").style(f"width: {view.percent}%")
