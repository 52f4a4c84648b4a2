"""Why an action on a notice is refused."""

from datetime import datetime


class NoticeError(Exception):
    """A rule of notices forbids the action. Nothing was changed."""


class NoticeStateForbids(NoticeError):
    """The notice is in a state in which this cannot be done."""


class NoticeNotOwed(NoticeError):
    """What made the notice due does not hold any more: the letter would state something that is not true."""


class InvalidDelivery(NoticeError):
    """The day or the text of a delivery is not possible; `field` is on or text."""

    def __init__(self, why: str, field: str) -> None:
        super().__init__(why)
        self.field = field


class NoticeChanged(Exception):
    """The notice was changed after the version that the actor has seen. Nothing was changed by this action."""

    def __init__(self, version: int, seen: int, by: str | None, at: datetime | None) -> None:
        changed = f": {by} changed it at {moment(at)}" if by and at else ""
        super().__init__(f"version {seen} of this notice is not the current one, {version}{changed}")
        self.version, self.by, self.at = version, by, at


class InvalidNoticeHistory(ValueError):
    """The actions on a notice do not follow from each other."""


def moment(at: datetime) -> str:
    """A time in a message."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
