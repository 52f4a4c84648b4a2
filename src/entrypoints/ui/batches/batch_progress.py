"""What the pages of batches have in common."""

from entrypoints.ui.batches.batch_view import BatchView
from entrypoints.ui.shared.widgets import box


def draw_progress(view: BatchView) -> None:
    """How much of the file is behind us, as a bar."""
    with box("div", f"progress progress-{view.look}") as bar:
        bar.props(f"role=progressbar aria-valuemin=0 aria-valuemax=100 aria-valuenow={view.percent}")
        bar.props["aria-label"] = f"{view.name}: {view.percent} percent"
        box("div", "progress-done").style(f"width: {view.percent}%")
