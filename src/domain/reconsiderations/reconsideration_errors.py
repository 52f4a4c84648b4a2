"""Why a request of an applicant, or work on one, is refused."""

from typing import ClassVar


class ReconsiderationError(Exception):
    """A rule forbids it. Nothing was changed; `rule` names it, and the text says what applies."""

    rule: ClassVar[str] = "reconsideration-rule"


class RequestOpen(ReconsiderationError):
    """An earlier request on the application is not answered yet."""

    rule = "request-open"


class TooManyRequests(ReconsiderationError):
    """The application has had as many requests as are allowed."""

    rule = "too-many-requests"


class NothingToReconsider(ReconsiderationError):
    """There is no decision that a request could change."""

    rule = "nothing-to-reconsider"


class AlreadyAnswered(ReconsiderationError):
    """The request is answered."""

    rule = "already-answered"


class NotACorrection(ReconsiderationError):
    """The request states no data that could be accepted."""

    rule = "not-a-correction"


class ContentErased(ReconsiderationError):
    """What the applicant stated was erased, or is not what was recorded."""

    rule = "content-erased"


class CorrectionNeedsResolution(ReconsiderationError):
    """A person made the decision, so that it can be changed by resolving the case only."""

    rule = "correction-needs-resolution"


class LinkRuleViolation(ReconsiderationError):
    """The link cannot be revoked, or no more can be made."""

    rule = "link-rule"


class ReconsiderationNotFound(Exception):
    """The application has no request, or link, with this identifier."""


class InvalidReconsiderationHistory(ValueError):
    """The actions on the links and requests of an application do not follow from each other."""
