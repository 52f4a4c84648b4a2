"""The fast path: ordinary requests for a decision are answered in micro-batches, without ASGI.

Requests that arrive together are read, decided, recorded and answered together, one step for all of them before
the next step (`micro_batcher.py`). The cost of a request of its own (scope, task, futures, messages) is paid
once per batch, and the processor finds the code of each step in its caches.

The fast path accepts only requests that it can answer with a decision. Every other request is left to the ASGI
application, which reads it again and reports what is wrong. A request that fails later is passed to it as well.
"""

import asyncio
import logging
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from itertools import repeat
from time import perf_counter
from typing import Any, NamedTuple, Protocol, Self

from application.outcomes import unwrap
from application.ports.access.credentials import InvalidToken
from application.ports.access.request_rates import TooManyRequests
from application.ports.decisions.decision_ledger import HistoryChanged, KeyHeld
from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.decisions.assess_loan_application import AssessmentRequest
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessmentResult
from domain.products.product_definition import ProductDefinition
from entrypoints.api.decisions.decoding import ReadApplication
from entrypoints.api.decisions.predictions import MAX_BODY_BYTES, PATH, FailedRequest
from entrypoints.api.decisions.presenters import decision_response
from entrypoints.api.fast_path.micro_batcher import MicroBatcher
from entrypoints.api.fast_path.request_head import CompleteRequest, Headers, RequestHead
from entrypoints.api.http.authentication import Identify, bearer
from entrypoints.api.http.idempotency import REPLAYED, idempotency_key
from entrypoints.api.http.problems import RequestRejected
from entrypoints.api.http.request_body import require_media_type
from entrypoints.api.http.request_facts import caller_request_id, facts_of_caller, facts_of_decision
from entrypoints.api.http.responses import JSON, PRIVATE, json_bytes

CHANNEL = "api"
_log = logging.getLogger(__name__)

REASONS = ("pipelined", "incomplete", "unusual", "rejected", "rate_limited", "superseding", "failed", "error")
"""Why a request is left to the ASGI application.

pipelined: another request on the connection is in progress; incomplete: its body did not arrive in time;
unusual: its head needs more than this path supports; rejected: credentials, headers or body are not acceptable;
rate_limited: the caller sent too many; superseding: it decides an application again; failed: it could not be
decided or recorded; error: a defect of the fast path.
"""


def _header_lines(*headers: tuple[str, str]) -> bytes:
    return "".join([f"{name.lower()}: {value}\r\n" for name, value in headers]).encode()


_HEADERS = _header_lines(("content-type", JSON), *PRIVATE.items())
_REPLAYED = b"%s: %s\r\n" % REPLAYED


class RequestObserver(Protocol):
    """Observes requests of the fast path: `trace` holds the traces of a batch's requests and the calls it made."""

    @abstractmethod
    def fell_back(self, reason: str) -> None:
        """Count a request that is left to the ASGI application; `reason` is one of REASONS."""

    @abstractmethod
    def begin_batch(self, trace_headers: Sequence[Headers]) -> Any:
        """Count requests as in progress and trace their calls; returns the trace, or None."""

    @abstractmethod
    def end_batch(self, size: int, trace: Any) -> None:
        """End what `begin_batch` began."""

    @abstractmethod
    def answered_batch(self, *, method: str, route: str, status: int, requests: Sequence[Any], trace: Any) -> None:
        """Record answered requests: arrival by `perf_counter`, trace and `request_facts` of each."""


class Connection(Protocol):
    """The connection of a request."""

    @abstractmethod
    def respond(self, headers: bytes, body: bytes) -> None:
        """Send a response with status 200."""

    @abstractmethod
    def fall_back(self, failed: FailedRequest) -> bool:
        """Pass a failed request to the ASGI application; False where the client has disconnected."""


class _Credentials(NamedTuple):
    """What the constant part of a head says: a token, given that the content type is acceptable."""

    token: str

    @classmethod
    def of(cls, head: RequestHead) -> Self:
        """Interpret a head and keep the result with it; raises RequestRejected and InvalidToken."""
        headers = dict(head.headers)
        require_media_type(JSON, headers)
        credentials = head.interpretation = cls(bearer(headers))
        return credentials


class _Varying(NamedTuple):
    """What the headers say that differ from request to request."""

    key: IdempotencyKey | None = None
    request_id: str | None = None
    trace_headers: Headers = []  # noqa: RUF012 - never changed

    @classmethod
    def of(cls, headers: Headers) -> Self:
        """Interpret the headers; raises RequestRejected."""
        by_name = dict(headers)
        return cls(
            idempotency_key(by_name, headers),
            caller_request_id(by_name),
            [header for header in headers if header[0].startswith(b"trace")],
        )


_NOTHING_VARIES = _Varying()


class _Accepted(NamedTuple):
    connection: Connection
    request: AssessmentRequest
    request_id: str | None
    trace_headers: Headers
    began: float


class _Answered(NamedTuple):
    """An answer, laid out as `RequestObserver.answered_batch` takes it, with what is sent."""

    began: float
    trace: Any
    facts: Mapping[str, str]


class FastPath:
    """Accepts requests, and answers them in micro-batches."""

    def __init__(
        self,
        assess: AssessMany,
        identify: Identify,
        observer: RequestObserver,
        read_application: ReadApplication,
        product: ProductDefinition,
    ) -> None:
        self._assess = assess
        self._identify = identify
        self._observer = observer
        self._read_application = read_application
        self._product = product
        self.fell_back = observer.fell_back
        self._batcher = MicroBatcher(self._process)

    def accept(self, request: CompleteRequest, connection: Connection) -> bool:
        """Whether the request is accepted: then the connection's `respond` or `fall_back` will be called."""
        began = perf_counter()
        try:
            credentials: _Credentials = request.head.interpretation or _Credentials.of(request.head)
            varying = _Varying.of(request.varying) if request.varying else _NOTHING_VARIES
            if len(request.body) > MAX_BODY_BYTES:
                self.fell_back("rejected")
                return False
            application, identity, circumstances, supersedes = self._read_application(request.body)
            if supersedes is not None:
                self.fell_back("superseding")
                return False
            actor = self._identify(credentials.token)  # last, as it counts the caller's requests
        except TooManyRequests as fault:  # counted by now: the ASGI application must not count it again
            self.fell_back("rate_limited")
            failed = FailedRequest(fault, {"actor": fault.caller}, began)
            asyncio.get_running_loop().call_soon(connection.fall_back, failed)
            return True
        except (RequestRejected, InvalidToken):
            self.fell_back("rejected")
            return False
        except Exception:
            self.fell_back("error")
            _log.exception("the fast path could not read a request")
            return False
        self._batcher.submit(
            _Accepted(
                connection,
                AssessmentRequest(application, actor, CHANNEL, varying.key, identity, circumstances),
                varying.request_id,
                varying.trace_headers,
                began,
            )
        )
        return True

    async def _process(self, batch: Sequence[_Accepted]) -> None:
        trace = self._observer.begin_batch([accepted.trace_headers for accepted in batch])
        outcomes: Sequence[AssessmentResult | Exception]
        try:
            outcomes = await self._assess([accepted.request for accepted in batch])
        except Exception as fault:
            _log.exception("a batch of %d requests failed", len(batch))
            outcomes = [fault] * len(batch)
        finally:
            self._observer.end_batch(len(batch), trace)
        self._respond(batch, outcomes, trace)

    def _respond(
        self, batch: Sequence[_Accepted], outcomes: Sequence[AssessmentResult | Exception], trace: Any
    ) -> None:
        responses = []
        traces = repeat(None, len(batch)) if trace is None else trace.requests
        for accepted, outcome, request_trace in zip(batch, outcomes, traces, strict=True):
            if isinstance(outcome, KeyHeld | HistoryChanged):  # the others need not wait for it
                self._batcher.submit_single(accepted)
                continue
            try:
                responses.append((accepted, *_response(unwrap(outcome), accepted, self._product), request_trace))
            except Exception as fault:
                self._fall_back(accepted, fault, trace)
        for accepted, headers, body, _, _ in responses:
            try:
                accepted.connection.respond(headers, body)
            except Exception:
                _log.exception("a response could not be sent")
        answered = [
            _Answered(accepted.began, request_trace, facts) for accepted, _, _, facts, request_trace in responses
        ]
        self._observer.answered_batch(method="POST", route=PATH, status=200, requests=answered, trace=trace)

    def _fall_back(self, accepted: _Accepted, fault: Exception, trace: Any) -> None:
        self.fell_back("failed")
        failed = FailedRequest(
            fault, facts_of_caller(accepted.request.by), accepted.began, () if trace is None else trace.calls
        )
        try:
            if not accepted.connection.fall_back(failed):
                _log.warning("a request failed after its client had disconnected", exc_info=fault)
        except Exception:
            _log.exception("a failed request could not be answered")


def _response(
    result: AssessmentResult, accepted: _Accepted, product: ProductDefinition
) -> tuple[bytes, bytes, dict[str, str]]:
    """The headers and the body of the response, and the facts to record."""
    record, caller = result.record, accepted.request.by
    facts = facts_of_decision(record, accepted.request_id, caller)
    seconds = perf_counter() - accepted.began
    body = json_bytes(decision_response(record, product, by=caller, processing_time_ms=seconds * 1000))
    headers = b"%scontent-length: %d\r\nx-request-id: %s\r\n%s" % (
        _HEADERS,
        len(body),
        facts["request_id"].encode(),
        _REPLAYED if result.replayed else b"",
    )
    return headers, body, facts
