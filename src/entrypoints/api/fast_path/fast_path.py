"""The straight way of the busy route: ordinary requests, answered together past ASGI.

Whoever comes in one turn of the event loop is read, decided on, recorded and answered together, in parties
(`turns.py`), a step for all before the next for any. What a request of its own would cost (a scope, a task,
futures, messages) is paid once for all, and the processor finds the code of each step still in its caches.

Only what can be answered as it should is taken. Everything else has the ASGI way: it reads again what was refused
here, and tells what is wrong; what fails on this way later it is given to tell.
"""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import NamedTuple, Protocol, Self

from application.outcomes import result_of
from application.ports.access.request_rates import TooManyRequests
from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessmentResult
from entrypoints.api.decisions.decoding import read_application
from entrypoints.api.decisions.predictions import LARGEST_BODY, PATH, Failed
from entrypoints.api.decisions.presenters import decision_response
from entrypoints.api.fast_path.micro_batcher import MicroBatcher
from entrypoints.api.fast_path.request_head import CompleteRequest, RequestHead
from entrypoints.api.http.authentication import Identify, bearer
from entrypoints.api.http.idempotency import REPLAYED, idempotency_key
from entrypoints.api.http.request_body import require_media_type
from entrypoints.api.http.request_facts import caller_request_id, facts_of_caller, facts_of_decision
from entrypoints.api.http.responses import JSON, PRIVATE, json_bytes

CHANNEL = "api"
_log = logging.getLogger(__name__)


def _lines(*headers: tuple[str, str]) -> bytes:
    return "".join([f"{name.lower()}: {value}\r\n" for name, value in headers]).encode()


_HEADERS = _lines(("content-type", JSON), *PRIVATE.items())
_REPLAYED = b"%s: %s\r\n" % REPLAYED


class Answered(Protocol):
    """Takes note of requests."""

    @abstractmethod
    def under_way(self, more: int) -> None:
        """So many more requests are being answered, or fewer."""

    @abstractmethod
    def answered_well(
        self, *, method: str, route: str, status: int, each: Sequence[tuple[float, Mapping[str, str]]]
    ) -> None:
        """Record requests answered as one batch: seconds and `request_facts` of each."""


class Connection(Protocol):
    """Where a request came from, and the answer goes."""

    @abstractmethod
    def answer(self, headers: bytes, body: bytes) -> None:
        """Send the answer, with status 200."""

    @abstractmethod
    def give_back(self, failed: Failed, began: float) -> bool:
        """Let the ASGI way tell what went wrong with the request that came then, by `perf_counter`.

        Whether there is still somebody to be told.
        """


class _Terms(NamedTuple):
    """What the head of a request says: whose token, under which key, and what the caller calls the request."""

    token: str
    key: IdempotencyKey | None
    request_id: str | None

    @classmethod
    def of(cls, head: RequestHead) -> Self:
        """What it says, to be found with the head from now on; raises refusals."""
        headers = dict(head.headers)
        require_media_type(JSON, headers)
        terms = cls(bearer(headers), idempotency_key(headers, head.headers), caller_request_id(headers))
        head.understood = terms
        return terms


class _Waiting(NamedTuple):
    connection: Connection
    asked: AssessmentRequest
    request_id: str | None
    began: float


class FastPath:
    """Takes requests, and answers those of one turn of the event loop together."""

    def __init__(self, assess: AssessMany, identify: Identify, answered: Answered) -> None:
        self._assess = assess
        self._identify = identify
        self._answered = answered
        self._turns = MicroBatcher(self._serve)

    def take(self, request: CompleteRequest, connection: Connection) -> bool:
        """Whether the request is taken: then the connection will be told, by `answer` or `give_back`."""
        began = perf_counter()
        try:
            terms: _Terms = request.head.understood or _Terms.of(request.head)
            if len(request.body) > LARGEST_BODY:
                return False
            application = read_application(request.body)
            actor = self._identify(terms.token)  # the last: it counts who asked how often
        except TooManyRequests as refused:  # which was counted, and must not be once more
            failed = Failed(refused, {"actor": refused.caller})
            asyncio.get_running_loop().call_soon(connection.give_back, failed, began)
            return True
        except Exception:  # whatever it is, the ASGI way comes upon it too, and tells it
            return False
        waiting = _Waiting(
            connection, AssessmentRequest(application, actor, CHANNEL, terms.key), terms.request_id, began
        )
        if terms.key is None:
            self._turns.wait(waiting)
        else:  # another may hold the key for long
            self._turns.serve_alone(waiting)
        return True

    async def _serve(self, waiting: Sequence[_Waiting]) -> None:
        self._answered.under_way(len(waiting))
        outcomes: Sequence[AssessmentResult | Exception]
        try:
            outcomes = await self._assess([each.asked for each in waiting])
        except Exception as fault:  # a fault of ours: everybody is told
            outcomes = [fault] * len(waiting)
        finally:
            self._answered.under_way(-len(waiting))
        self._answer(waiting, outcomes)

    def _answer(self, waiting: Sequence[_Waiting], outcomes: Sequence[AssessmentResult | Exception]) -> None:
        answers = []
        for each, outcome in zip(waiting, outcomes, strict=True):
            try:
                answers.append((each, _Answer.of(result_of(outcome), each)))
            except Exception as fault:
                self._give_back(each, fault)
        for each, answer in answers:
            try:
                each.connection.answer(answer.headers, answer.body)
            except Exception:  # the connection's own trouble, and nobody else's
                _log.exception("an answer could not be sent")
        now = perf_counter()
        told = [(now - each.began, answer.facts) for each, answer in answers]
        self._answered.answered_well(method="POST", route=PATH, status=200, each=told)

    def _give_back(self, waiting: _Waiting, fault: Exception) -> None:
        try:
            if not waiting.connection.give_back(Failed(fault, facts_of_caller(waiting.asked.by)), waiting.began):
                _log.warning("a request failed, and whoever asked is gone", exc_info=fault)
        except Exception:  # the connection's own trouble, and nobody else's
            _log.exception("a failure could not be told")


class _Answer(NamedTuple):
    """What is sent, and what may be known of it."""

    headers: bytes
    body: bytes
    facts: dict[str, str]

    @classmethod
    def of(cls, assessed: AssessmentResult, waiting: _Waiting) -> Self:
        """The answer to who waits for it."""
        record = assessed.record
        facts = facts_of_decision(record, waiting.request_id, waiting.asked.by)
        seconds = perf_counter() - waiting.began
        body = json_bytes(decision_response(record, by=waiting.asked.by, processing_time_ms=seconds * 1000))
        headers = b"%scontent-length: %d\r\nx-request-id: %s\r\n%s" % (
            _HEADERS,
            len(body),
            facts["request_id"].encode(),
            _REPLAYED if assessed.again else b"",
        )
        return cls(headers, body, facts)
