"""The one way a whole file fails; a bad row never does (it is refused and the others go on)."""

from pathlib import Path

from application.operational_error import OperationalError


class LoanFileUnreadable(OperationalError):
    """The file holds no loans that can be read; the text names the file and says what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path
        self.what = what
