"""The problems of exceptions about notices and their letters."""

from application.ports.notices.letters import LetterFailed, LetterNotPrintable
from application.ports.notices.notices import NoticeConflict, NoticeNotFound, NoticeUnreadable
from application.use_cases.notices.deliver_notice import LetterAltered
from domain.notices.completeness import NoticeIncomplete
from domain.notices.content import InvalidAddressee
from domain.notices.notice_errors import InvalidDelivery, NoticeChanged, NoticeError, NoticeNotOwed
from entrypoints.api.http.problem_makers import RETRY, Problems, Resources, invalid_field, problem, sentence
from entrypoints.api.http.problems import FieldError, RequestRejected, invalid


def _notice_incomplete(error: NoticeIncomplete) -> RequestRejected:
    errors = [FieldError("", item) for item in error.missing]
    return RequestRejected(409, "notice-incomplete", "Notice incomplete", sentence(error), errors=errors)


def _invalid_delivery(error: InvalidDelivery) -> RequestRejected:
    return invalid("invalid-body", "Invalid body", [FieldError(error.field, str(error))])


_notice_not_found = problem(404, "no-such-notice", "Notice not found")
RESOURCES: Resources = (("/api/v1/notices/", "notice", _notice_not_found),)

PROBLEMS: Problems = {
    NoticeNotFound: _notice_not_found,
    NoticeChanged: problem(412, "notice-changed", "Notice changed"),
    NoticeConflict: problem(409, "notice-conflict", "Notice changed at the same time", headers=RETRY),
    NoticeNotOwed: problem(409, "notice-not-owed", "Notice not owed any more"),
    NoticeIncomplete: _notice_incomplete,
    InvalidDelivery: _invalid_delivery,
    NoticeError: problem(409, "notice-rule", "Not possible for this notice"),
    NoticeUnreadable: problem(500, "notice-unreadable", "Notice cannot be read"),
    InvalidAddressee: invalid_field("addressee"),
    LetterNotPrintable: problem(409, "letter-not-printable", "Letter cannot be printed"),
    LetterFailed: problem(500, "letter-failed", "Letter could not be made"),
    LetterAltered: problem(500, "letter-altered", "Letter missing or altered"),
}
