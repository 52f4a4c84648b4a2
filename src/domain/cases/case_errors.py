"""Why an action on a referral case is refused. Each message names the rule, and who or what applies."""

from datetime import datetime


class CaseError(Exception):
    """A rule of referral cases forbids the action. Nothing was changed."""


class CaseHeld(CaseError):
    """Another person holds the case."""

    def __init__(self, holder: str, since: datetime, until: datetime) -> None:
        super().__init__(
            f"another person works on it: {holder} has held this case since {moment(since)}, until "
            f"{moment(until)} unless renewed. Work on another case, or ask for this one to be released"
        )
        self.holder, self.since, self.until = holder, since, until


class CaseNotClaimed(CaseError):
    """The actor does not hold the case, and neither does another person."""


class CaseStateForbids(CaseError):
    """The case is in a state in which this cannot be done."""


class CaseEnded(CaseStateForbids):
    """The case is finished, and a finished case never reopens."""

    def __init__(self, state: str, by: str, at: datetime) -> None:
        super().__init__(f"this case is finished: {by} changed it last, at {moment(at)}, and it is {state}")
        self.state, self.by, self.at = state, by, at


class SecondPersonRequired(CaseError):
    """A person who proposed a resolution of the case may not decide on it."""


class SecondApprovalNotPermitted(CaseError):
    """The case awaits a second approval, which the actor's role may not give."""


class UnsuitableAssignee(CaseError):
    """The case cannot be assigned to this person."""


class CaseChanged(Exception):
    """The case was changed after the version that the actor has seen. Nothing was changed by this action."""

    def __init__(  # noqa: PLR0917 - the facts of the message
        self,
        version: int,
        seen: int,
        by: str | None,
        at: datetime | None,
        holder: str | None = None,
        since: datetime | None = None,
    ) -> None:
        changed = f": {by} changed it at {moment(at)}" if by and at else ""
        held = f"; {holder} has held it since {moment(since)}" if holder and since else ""
        super().__init__(f"version {seen} of this case is not the current one, {version}{changed}{held}")
        self.version, self.by, self.at = version, by, at
        self.holder, self.since = holder, since


class InvalidCaseHistory(ValueError):
    """The actions of a case do not follow from each other."""


class InvalidCaseText(ValueError):
    """A text about a case is empty, too long, or has characters that cannot be shown."""


def moment(at: datetime) -> str:
    """A time in a message."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
