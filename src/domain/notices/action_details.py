"""The details of every kind of action, for reading stored actions."""

from collections.abc import Mapping

from domain.notices.cancelling import NoticeCancelled
from domain.notices.issuing import NoticeDelivered, NoticeIssued, NoticeReturned
from domain.notices.notice_action import NoticeActionKind, NoticeDetails

DETAILS: Mapping[NoticeActionKind, type[NoticeDetails]] = {
    each.kind: each for each in (NoticeIssued, NoticeDelivered, NoticeReturned, NoticeCancelled)
}
