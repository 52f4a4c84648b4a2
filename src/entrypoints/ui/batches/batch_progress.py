"""The progress bar of a batch."""

from entrypoints.ui.batches.batch_view import BatchView
from entrypoints.ui.shared.widgets import box


def draw_progress(view: BatchView) -> None:
    """Draw how much of the file has been processed."""
    with box("div", f"progress progress-{view.style}") as bar:
        bar.props(f"role=progressbar aria-valuemin=0 aria-valuemax=100 aria-valuenow={view.percent}")
        bar.props["aria-label"] = f"{view.name}: {view.percent} percent"
        box("div", "progress-done").style(f"width: {view.percent}%")
