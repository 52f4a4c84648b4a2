"""The error for a whole file that cannot be read. A bad row is refused without affecting the others."""

from pathlib import Path

from application.operational_error import OperationalError


class LoanFileUnreadable(OperationalError):
    """The file has no loans that can be read; the message names the file and says what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} {what}")
        self.path = path
        self.what = what
