"""The operations of the API as values: what is sent, and the type of the response."""

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar, Unpack, cast, get_args
from urllib.parse import quote

import msgspec

from credit_scoring_client.errors import UnexpectedContent
from credit_scoring_client.models import (
    AcceptanceBody,
    ApplicantLinkList,
    ApplicantLinkResponse,
    ApplicationListResponse,
    ApplicationResponse,
    ApplicationState,
    AuditEventList,
    BatchList,
    BatchResponse,
    CaseDetail,
    CaseList,
    CaseResponse,
    CorrectionAccepted,
    CounterfactualResponse,
    DeadLetterList,
    DecisionList,
    DecisionResponse,
    DecisionSort,
    EvidenceSelectionBody,
    FinalOutcomeFilter,
    LivenessResponse,
    LoanApplicationBody,
    LoanOutcomeBody,
    LoanResponse,
    MadeLinkResponse,
    NewSubscription,
    NewUser,
    NoticeDetail,
    NoticeList,
    NoticeResponse,
    OneTimePassword,
    Outcome,
    OutcomeAuthority,
    OutcomeImportList,
    OutcomeImportResponse,
    OverridesResponse,
    OverrideType,
    OverviewResponse,
    PasswordChange,
    PasswordReset,
    QualityReviewList,
    QueuedEvent,
    ReadinessResponse,
    ReconsiderationList,
    RecordedDecision,
    RecordedOutcomeResponse,
    ReproductionResponse,
    RetriedMessages,
    SessionList,
    SubscriptionList,
    SubscriptionResponse,
    TokenRequest,
    TokenResponse,
    UndeliveredList,
    UserChange,
    UserList,
    UserResponse,
    VerificationList,
    VerificationReportResponse,
    VintagesResponse,
    WebhookSecret,
    WhatIfResponse,
)

Result = TypeVar("Result")
Application = LoanApplicationBody | Mapping[str, Any]
"""A loan application: the model, or its fields by name, which the service checks.

Numbers may be decimal.Decimal or scalars of NumPy.
"""
Moment = datetime | date | str
"""An ISO 8601 date or time; without an offset it is UTC."""
Role = Literal[
    "admin",
    "auditor",
    "compliance",
    "loan officer",
    "risk manager",
    "senior underwriter",
    "service",
    "underwriter",
]
"""What a user may do."""
LetterFormat = Literal["pdf", "html"]
DeliveryMethod = Literal["mail", "email", "online", "in_person", "other"]
WithdrawalReason = Literal[
    "duplicate",
    "information_not_provided",
    "no_longer_needed",
    "other",
    "other_lender",
    "submitted_in_error",
    "terms_not_suitable",
]
"""Why an application is withdrawn."""

WhatIfVersions = Literal["decision", "present"]
"""The model and policy that answer: those of the decision, or those in force."""

UNFINISHED = frozenset({"queued", "running"})
"""The states of a batch that is not finished."""

_LONGEST_KEY = 255
_APPLICATIONS = "/api/v1/applications"
_IMPORTS = "/api/v1/outcome-imports"
_SUBSCRIPTIONS = "/api/v1/webhook-subscriptions"
_CASES = "/api/v1/cases"
_NOTICES = "/api/v1/notices"
_USERS = "/api/v1/users"
_JSON = {"Content-Type": "application/json"}
_encoder = msgspec.json.Encoder(decimal_format="number")
_MEDIA_TYPES = {".csv": "text/csv", ".gz": "application/gzip", ".parquet": "application/vnd.apache.parquet"}


@dataclass(frozen=True, slots=True)
class Operation(Generic[Result]):
    """One operation. `harmless` says that it changes nothing, though it is not a GET."""

    method: str
    path: str
    result: type[Result]
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | Path | None = None
    form: Mapping[str, str] | None = field(default=None, repr=False)  # it holds a password
    authenticated: bool = True
    harmless: bool = False
    accepted_statuses: tuple[int, ...] = ()

    @property
    def repeatable(self) -> bool:
        """Whether repeating it has no further effect."""
        return self.harmless or self.method == "GET" or "Idempotency-Key" in self.headers

    def decode(self, body: bytes) -> Result:
        """Return the result in this response body. Raises UnexpectedContent."""
        if self.result is type(None):
            return self.result()
        if not body and type(None) in get_args(self.result):
            return cast("Result", None)
        try:
            return msgspec.json.decode(body, type=self.result)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnexpectedContent(f"{self.method} {self.path}: {error}") from error


class DecisionFilters(TypedDict, total=False):
    """Which decisions are listed; `since` is inclusive, `until` exclusive."""

    outcome: Outcome
    final_outcome: FinalOutcomeFilter
    since: Moment
    until: Moment
    minimum_amount: float
    maximum_amount: float
    grade: str
    requested_by: str
    text: str
    application_reference: str
    applicant_reference: str
    source: str
    channel: str
    received_through: str
    model_version: str
    policy_version: str
    trial: bool
    sort: DecisionSort
    limit: int
    cursor: str


class ApplicationFilters(TypedDict, total=False):
    """Which applications are listed, by the references and the state of their newest decision."""

    reference: str
    applicant_reference: str
    state: ApplicationState
    limit: int
    cursor: str


class CaseFilters(TypedDict, total=False):
    """Which cases are listed; `due_before` is exclusive.

    `state` is unfinished, finished, or one of the states of a case. `mine` lists those of the caller,
    `applicant_request` those that are to answer a request of the applicant.
    """

    state: str
    assignee: str
    mine: bool
    due_before: Moment
    minimum_amount: float
    maximum_amount: float
    reason: str
    applicant_request: bool
    limit: int
    cursor: str


class NoticeFilters(TypedDict, total=False):
    """Which notices are listed; `due_before` is exclusive.

    `state` is due, issued, delivered or cancelled, `kind` is adverse_action, counter_offer or incomplete.
    `overdue` lists those that were not sent by their due time.
    """

    state: str
    kind: str
    overdue: bool
    application_id: str
    decision_id: str
    requested_by: str
    due_before: Moment
    limit: int
    cursor: str


class Addressee(TypedDict):
    """To whom a letter goes; `address` has the lines of the postal address."""

    name: str
    address: NotRequired[Sequence[str]]


class DocumentPointer(TypedDict):
    """A document that is kept elsewhere; `date` in ISO 8601, `sha256` in lower-case hexadecimal."""

    type: str
    date: str
    sha256: str


class Resolution(TypedDict):
    """How a case is resolved. A counter-offer has an amount in dollars and a term in months."""

    outcome: Literal["approved", "declined", "counter_offer"]
    reason: str
    text: str
    amount: NotRequired[float]
    term: NotRequired[int]
    documents: NotRequired[Sequence[DocumentPointer]]
    conditions: NotRequired[Sequence[str]]


class QualityReviewFilters(TypedDict, total=False):
    """Which quality reviews are listed: `state` is waiting, agreed or disagreed."""

    state: str
    limit: int
    cursor: str


class OverrideFilters(TypedDict, total=False):
    """Which final decisions are counted."""

    officer: str
    reason: str
    override: OverrideType
    grade: str
    purpose: str
    source: str


class VintageFilters(TypedDict, total=False):
    """Which loans are counted, and how many months up to this one."""

    source: str
    product: str
    grade: str
    months: int


class OverviewFilters(TypedDict, total=False):
    """Which decisions an overview counts, and whether the period before is added (`compare`)."""

    channel: str
    received_through: str
    source: str
    grade: str
    include_trials: bool
    compare: bool


class BatchOptions(TypedDict, total=False):
    """How a file is read and recorded; `keep` names columns that its results repeat."""

    percent_as: str
    income_as: str
    decimal: str
    keep: Sequence[str]
    trial: bool


class EventFilters(TypedDict, total=False):
    """Which events of the audit trail are listed; `since` is inclusive, `until` exclusive."""

    kind: str
    actor: str
    subject: str
    since: Moment
    until: Moment
    limit: int
    cursor: str


class PageFilters(TypedDict, total=False):
    """The page of a list: `limit` items from `cursor` on."""

    limit: int
    cursor: str


def predict(application: Application, idempotency_key: str | None) -> Operation[DecisionResponse]:
    headers = {"Content-Type": "application/json", **_key(idempotency_key)}
    body = _encoder.encode(_fields(application))
    return Operation("POST", "/api/v1/predictions", DecisionResponse, headers=headers, content=body)


def read_decision(decision_id: str) -> Operation[RecordedDecision]:
    return Operation("GET", f"/api/v1/decisions/{_segment(decision_id)}", RecordedDecision)


def list_decisions(filters: DecisionFilters) -> Operation[DecisionList]:
    return Operation("GET", "/api/v1/decisions", DecisionList, _query(filters))


def reproduce_decision(decision_id: str) -> Operation[ReproductionResponse]:
    return Operation("GET", f"/api/v1/decisions/{_segment(decision_id)}/reproduction", ReproductionResponse)


def find_counterfactual(decision_id: str) -> Operation[CounterfactualResponse]:
    return Operation("GET", f"/api/v1/decisions/{_segment(decision_id)}/counterfactual", CounterfactualResponse)


def try_what_if(
    application: Application, decision_id: str | None, versions: WhatIfVersions | None
) -> Operation[WhatIfResponse]:
    given = {"decision_id": decision_id, "versions": versions}
    body = _encoder.encode({**_fields(application), **{name: each for name, each in given.items() if each}})
    return Operation("POST", "/api/v1/what-if", WhatIfResponse, headers=_JSON, content=body, harmless=True)


def list_applications(filters: ApplicationFilters) -> Operation[ApplicationListResponse]:
    return Operation("GET", _APPLICATIONS, ApplicationListResponse, _query(filters))


def read_application(application_id: str) -> Operation[ApplicationResponse]:
    return Operation("GET", f"{_APPLICATIONS}/{_segment(application_id)}", ApplicationResponse)


def accept_offer(
    application_id: str, amount: float | None, if_match: str | None, idempotency_key: str | None
) -> Operation[ApplicationResponse]:
    path = f"{_APPLICATIONS}/{_segment(application_id)}/acceptance"
    body = _encoder.encode(AcceptanceBody(amount=msgspec.UNSET if amount is None else amount))
    headers = {**_JSON, **_if_match(if_match), **_key(idempotency_key)}
    return Operation("POST", path, ApplicationResponse, headers=headers, content=body)


def withdraw_application(
    application_id: str,
    reason: WithdrawalReason,
    text: str,
    if_match: str | None,
    idempotency_key: str | None,
) -> Operation[ApplicationResponse]:
    path = f"{_APPLICATIONS}/{_segment(application_id)}/withdrawal"
    body = _encoder.encode({"reason": reason, "text": text})
    headers = {**_JSON, **_if_match(if_match), **_key(idempotency_key)}
    return Operation("POST", path, ApplicationResponse, headers=headers, content=body)


def make_applicant_link(application_id: str, idempotency_key: str | None) -> Operation[MadeLinkResponse]:
    path = f"{_APPLICATIONS}/{_segment(application_id)}/applicant-link"
    return Operation("POST", path, MadeLinkResponse, headers=_key(idempotency_key))


def list_applicant_links(application_id: str) -> Operation[ApplicantLinkList]:
    return Operation("GET", f"{_APPLICATIONS}/{_segment(application_id)}/applicant-links", ApplicantLinkList)


def revoke_applicant_link(application_id: str, link_id: str) -> Operation[ApplicantLinkResponse]:
    path = f"{_APPLICATIONS}/{_segment(application_id)}/applicant-links/{_segment(link_id)}"
    return Operation("DELETE", path, ApplicantLinkResponse)


def list_reconsiderations(application_id: str) -> Operation[ReconsiderationList]:
    return Operation("GET", f"{_APPLICATIONS}/{_segment(application_id)}/reconsiderations", ReconsiderationList)


def accept_correction(
    application_id: str, reconsideration_id: str, if_match: str
) -> Operation[CorrectionAccepted]:
    path = f"{_APPLICATIONS}/{_segment(application_id)}/reconsiderations/{_segment(reconsideration_id)}/acceptance"
    return Operation("POST", path, CorrectionAccepted, headers=_if_match(if_match))


def list_cases(filters: CaseFilters) -> Operation[CaseList]:
    return Operation("GET", _CASES, CaseList, _query(filters))


def read_case(case_id: str) -> Operation[CaseDetail]:
    return Operation("GET", f"{_CASES}/{_segment(case_id)}", CaseDetail)


def claim_next_case(idempotency_key: str | None) -> Operation[CaseResponse | None]:
    result = cast("type[CaseResponse | None]", CaseResponse | None)
    return Operation("POST", f"{_CASES}/next", result, headers=_key(idempotency_key))


def change_case(
    case_id: str,
    action: str,
    if_match: str,
    idempotency_key: str | None,
    body: Mapping[str, Any] | None = None,
) -> Operation[CaseResponse]:
    headers = {**_if_match(if_match), **_key(idempotency_key), **({} if body is None else _JSON)}
    content = None if body is None else _encoder.encode(body)
    path = f"{_CASES}/{_segment(case_id)}/{action}"
    return Operation("POST", path, CaseResponse, headers=headers, content=content)


def list_notices(filters: NoticeFilters) -> Operation[NoticeList]:
    return Operation("GET", _NOTICES, NoticeList, _query(filters))


def read_notice(notice_id: str) -> Operation[NoticeDetail]:
    return Operation("GET", f"{_NOTICES}/{_segment(notice_id)}", NoticeDetail)


def read_letter(notice_id: str, letter: str, form: str) -> Operation[None]:
    """`letter` is letter or preview."""
    return Operation("GET", f"{_NOTICES}/{_segment(notice_id)}/{letter}", type(None), {"format": form})


def issue_notice(
    notice_id: str, addressee: Addressee | None, if_match: str, idempotency_key: str | None
) -> Operation[NoticeResponse]:
    body = {} if addressee is None else {"addressee": addressee}
    return _change_notice(notice_id, "issue", if_match, idempotency_key, body)


def record_delivery(
    notice_id: str,
    delivery: Mapping[str, Any],
    if_match: str,
    idempotency_key: str | None,
) -> Operation[NoticeResponse]:
    return _change_notice(notice_id, "delivery", if_match, idempotency_key, delivery)


def _change_notice(
    notice_id: str, action: str, if_match: str, idempotency_key: str | None, body: Mapping[str, Any]
) -> Operation[NoticeResponse]:
    headers = {**_if_match(if_match), **_key(idempotency_key), **_JSON}
    path = f"{_NOTICES}/{_segment(notice_id)}/{action}"
    return Operation("POST", path, NoticeResponse, headers=headers, content=_encoder.encode(body))


def list_quality_reviews(filters: QualityReviewFilters) -> Operation[QualityReviewList]:
    return Operation("GET", f"{_CASES}/quality-reviews", QualityReviewList, _query(filters))


def preview_counter_offer(case_id: str, amount: float, term: int) -> Operation[OutcomeAuthority]:
    path = f"{_CASES}/{_segment(case_id)}/counter-offer"
    return Operation("GET", path, OutcomeAuthority, _query({"amount": amount, "term": term}))


def open_review(decision_id: str, reason: str, idempotency_key: str | None) -> Operation[CaseResponse]:
    path = f"/api/v1/decisions/{_segment(decision_id)}/review"
    headers = {**_key(idempotency_key), **_JSON}
    return Operation("POST", path, CaseResponse, headers=headers, content=_encoder.encode({"reason": reason}))


def renew_lease(case_id: str) -> Operation[CaseResponse]:
    return Operation("POST", f"{_CASES}/{_segment(case_id)}/lease", CaseResponse, harmless=True)


def export_decision_evidence(decision_id: str) -> Operation[None]:
    return Operation("GET", f"/api/v1/decisions/{_segment(decision_id)}/evidence", type(None))


def export_evidence(selection: EvidenceSelectionBody) -> Operation[None]:
    headers = {"Content-Type": "application/json"}
    return Operation("POST", "/api/v1/evidence", type(None), headers=headers, content=_encoder.encode(selection))


def list_audit_events(filters: EventFilters) -> Operation[AuditEventList]:
    return Operation("GET", "/api/v1/audit/events", AuditEventList, _query(filters))


def list_verifications(filters: PageFilters) -> Operation[VerificationList]:
    return Operation("GET", "/api/v1/audit/verifications", VerificationList, _query(filters))


def read_verification(verification_id: str) -> Operation[VerificationReportResponse]:
    path = f"/api/v1/audit/verifications/{_segment(verification_id)}"
    return Operation("GET", path, VerificationReportResponse)


def download_verification_report(verification_id: str) -> Operation[None]:
    return Operation("GET", f"/api/v1/audit/verifications/{_segment(verification_id)}/report", type(None))


def read_overrides(start: Moment, end: Moment, filters: OverrideFilters) -> Operation[OverridesResponse]:
    return Operation("GET", "/api/v1/overrides", OverridesResponse, _query({"from": start, "to": end, **filters}))


def read_overview(start: Moment, end: Moment, filters: OverviewFilters) -> Operation[OverviewResponse]:
    return Operation("GET", "/api/v1/overview", OverviewResponse, _query({"from": start, "to": end, **filters}))


def record_loan_outcome(
    application_id: str, outcome: LoanOutcomeBody, if_match: str | None, idempotency_key: str | None
) -> Operation[RecordedOutcomeResponse]:
    path = f"{_APPLICATIONS}/{_segment(application_id)}/outcomes"
    headers = {**_JSON, **_if_match(if_match), **_key(idempotency_key)}
    return Operation("POST", path, RecordedOutcomeResponse, headers=headers, content=_encoder.encode(outcome))


def read_loan(application_id: str) -> Operation[LoanResponse]:
    return Operation("GET", f"{_APPLICATIONS}/{_segment(application_id)}/outcomes", LoanResponse)


def submit_outcome_import(
    content: bytes | Path,
    name: str | None,
    media_type: str | None,
    as_of: date | None,
    idempotency_key: str | None,
) -> Operation[OutcomeImportResponse]:
    name, headers = _upload(content, name, media_type, idempotency_key)
    query = _query({"name": name, "as_of": as_of})
    return Operation("POST", _IMPORTS, OutcomeImportResponse, query, headers, content)


def list_outcome_imports(filters: PageFilters) -> Operation[OutcomeImportList]:
    return Operation("GET", _IMPORTS, OutcomeImportList, _query(filters))


def read_outcome_import(import_id: str) -> Operation[OutcomeImportResponse]:
    return Operation("GET", f"{_IMPORTS}/{_segment(import_id)}", OutcomeImportResponse)


def read_outcome_import_errors(import_id: str) -> Operation[None]:
    return Operation("GET", f"{_IMPORTS}/{_segment(import_id)}/errors", type(None))


def _upload(
    content: bytes | Path, name: str | None, media_type: str | None, idempotency_key: str | None
) -> tuple[str | None, dict[str, str]]:
    """The name of a file and the headers that describe it."""
    if not isinstance(content, bytes | Path):
        raise TypeError("give the content of the file as bytes, or a pathlib.Path to read it from")
    if isinstance(content, Path):
        name = name or content.name
        media_type = media_type or _MEDIA_TYPES.get(content.suffix.lower())
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    return name, {
        "Content-Type": media_type or "text/csv",
        "Content-Length": str(size),
        **_key(idempotency_key),
    }


def read_vintages(filters: VintageFilters) -> Operation[VintagesResponse]:
    return Operation("GET", "/api/v1/outcomes/vintages", VintagesResponse, _query({**filters}))


def submit_batch(
    content: bytes | Path,
    name: str | None,
    media_type: str | None,
    webhook_url: str | None,
    idempotency_key: str | None,
    **options: Unpack[BatchOptions],
) -> Operation[BatchResponse]:
    name, headers = _upload(content, name, media_type, idempotency_key)
    keep = {"keep": ",".join(options["keep"])} if options.get("keep") else {}
    query = _query({"name": name, "webhook_url": webhook_url, **options} | keep)
    return Operation("POST", "/api/v1/batches", BatchResponse, query, headers, content)


def list_batches(filters: PageFilters) -> Operation[BatchList]:
    return Operation("GET", "/api/v1/batches", BatchList, _query(filters))


def read_batch(batch_id: str) -> Operation[BatchResponse]:
    return Operation("GET", f"/api/v1/batches/{_segment(batch_id)}", BatchResponse)


def read_batch_results(batch_id: str) -> Operation[None]:
    return Operation("GET", f"/api/v1/batches/{_segment(batch_id)}/results", type(None))


def read_batch_errors(batch_id: str) -> Operation[None]:
    return Operation("GET", f"/api/v1/batches/{_segment(batch_id)}/errors", type(None))


def cancel_batch(batch_id: str) -> Operation[BatchResponse]:
    return Operation("POST", f"/api/v1/batches/{_segment(batch_id)}/cancel", BatchResponse)


def read_webhook_secret() -> Operation[WebhookSecret]:
    return Operation("GET", "/api/v1/webhooks/secret", WebhookSecret)


def list_dead_letters(filters: PageFilters) -> Operation[DeadLetterList]:
    return Operation("GET", "/api/v1/webhooks/dead-letters", DeadLetterList, _query(filters))


def subscribe(url: str, events: Sequence[str]) -> Operation[SubscriptionResponse]:
    body = msgspec.json.encode(NewSubscription(url=url, events=list(events)))
    return Operation(
        "POST",
        _SUBSCRIPTIONS,
        SubscriptionResponse,
        headers=_JSON,
        content=body,
        harmless=True,
    )


def list_subscriptions() -> Operation[SubscriptionList]:
    return Operation("GET", _SUBSCRIPTIONS, SubscriptionList)


def end_subscription(subscription_id: str) -> Operation[None]:
    return Operation("DELETE", f"{_SUBSCRIPTIONS}/{_segment(subscription_id)}", type(None))


def send_test_event(subscription_id: str) -> Operation[QueuedEvent]:
    return Operation("POST", f"{_SUBSCRIPTIONS}/{_segment(subscription_id)}/test", QueuedEvent)


def list_undelivered(subscription_id: str, filters: PageFilters) -> Operation[UndeliveredList]:
    path = f"{_SUBSCRIPTIONS}/{_segment(subscription_id)}/undelivered"
    return Operation("GET", path, UndeliveredList, _query(filters))


def retry_undelivered(subscription_id: str) -> Operation[RetriedMessages]:
    return Operation("POST", f"{_SUBSCRIPTIONS}/{_segment(subscription_id)}/retry", RetriedMessages)


def issue_token(username: str, password: str) -> Operation[TokenResponse]:
    form = TokenRequest(grant_type="password", username=username, password=password)
    return Operation(
        "POST",
        "/api/v1/auth/token",
        TokenResponse,
        form=msgspec.to_builtins(form),
        authenticated=False,
        harmless=True,
    )


def change_password(username: str, current_password: str, new_password: str) -> Operation[None]:
    form = PasswordChange(username=username, current_password=current_password, new_password=new_password)
    return Operation(
        "POST", "/api/v1/auth/password", type(None), form=msgspec.to_builtins(form), authenticated=False
    )


def list_users() -> Operation[UserList]:
    return Operation("GET", _USERS, UserList)


def add_user(name: str, role: Role, must_change_password: bool | None) -> Operation[OneTimePassword]:
    body = _encoder.encode(NewUser(name=name, role=role, must_change_password=must_change_password))
    return Operation("POST", _USERS, OneTimePassword, headers=_JSON, content=body)


def read_user(name: str) -> Operation[UserResponse]:
    return Operation("GET", _user(name), UserResponse)


def change_user(name: str, role: Role, if_match: str) -> Operation[UserResponse]:
    headers = {**_JSON, "If-Match": if_match}
    body = _encoder.encode(UserChange(role=role))
    return Operation("PATCH", _user(name), UserResponse, headers=headers, content=body)


def remove_user(name: str, if_match: str) -> Operation[None]:
    return Operation("DELETE", _user(name), type(None), headers={"If-Match": if_match})


def reset_password(name: str, must_change_password: bool | None) -> Operation[OneTimePassword]:
    body = _encoder.encode(PasswordReset(must_change_password=must_change_password))
    return Operation("POST", f"{_user(name)}/password", OneTimePassword, headers=_JSON, content=body)


def unlock_user(name: str) -> Operation[None]:
    return Operation("POST", f"{_user(name)}/unlock", type(None))


def list_sessions(name: str) -> Operation[SessionList]:
    return Operation("GET", f"{_user(name)}/sessions", SessionList)


def end_sessions(name: str) -> Operation[None]:
    return Operation("DELETE", f"{_user(name)}/sessions", type(None))


def end_session(name: str, session_id: str) -> Operation[None]:
    return Operation("DELETE", f"{_user(name)}/sessions/{_session(session_id)}", type(None))


def live() -> Operation[LivenessResponse]:
    return Operation("GET", "/health/live", LivenessResponse, authenticated=False)


def ready() -> Operation[ReadinessResponse]:
    return Operation("GET", "/health/ready", ReadinessResponse, authenticated=False, accepted_statuses=(503,))


def _if_match(etag: str | None) -> dict[str, str]:
    return {} if etag is None else {"If-Match": etag}


def _key(idempotency_key: str | None) -> dict[str, str]:
    key = str(uuid.uuid4()) if idempotency_key is None else idempotency_key
    if not (0 < len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable() and " " not in key):
        raise ValueError(f"an idempotency key has 1 to {_LONGEST_KEY} printable ASCII characters and no spaces")
    return {"Idempotency-Key": key}


def _fields(application: Application) -> dict[str, Any]:
    """Return the fields that are given. Raises ValueError for infinity and NaN, which would be sent as null."""
    given: Mapping[str, Any] = (
        msgspec.structs.asdict(application) if isinstance(application, msgspec.Struct) else application
    )
    fields = {name: value.item() if hasattr(value, "item") else value for name, value in given.items()}
    faults = [
        f"{name} is {value}"
        for name, value in fields.items()
        if isinstance(value, float | Decimal) and not math.isfinite(value)
    ]
    if faults:
        raise ValueError(f"{', '.join(faults)}: use None, or leave the field out, if the value is unknown")
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


def _segment(identifier: str) -> str:
    return str(uuid.UUID(str(identifier)))


def _user(name: str) -> str:
    """Return the path of a user. Raises ValueError for what would be the path of something else."""
    if name in {"", ".", ".."} or "/" in name:
        raise ValueError(f"{name!r} is not a username")
    return f"{_USERS}/{quote(name, safe='')}"


def _session(session_id: str) -> str:
    """Return the identifier of a session. Raises ValueError; an empty one would end all sessions of the user."""
    if not session_id or not bytes.fromhex(session_id):
        raise ValueError("a session_id is a hexadecimal number, and not empty")
    return bytes.fromhex(session_id).hex()


def _query(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _parameter(value) for name, value in values.items() if value is not None}


def _parameter(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
