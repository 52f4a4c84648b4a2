"""The asynchronous client: the methods of Client as coroutines."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar, Unpack

import httpx

from credit_scoring_client import operations
from credit_scoring_client.calls import Caller, Pause, Renew, Reply, RetryPolicy, Step, Steps, address, failure
from credit_scoring_client.cancellation import cancelled_cleanly
from credit_scoring_client.client import DEFAULT_TIMEOUT
from credit_scoring_client.errors import BatchTimeout
from credit_scoring_client.files import reading_in_thread, replacing
from credit_scoring_client.models import (
    ApplicantLinkList,
    ApplicantLinkResponse,
    ApplicationListResponse,
    ApplicationResponse,
    ApplicationSummary,
    AuditEventList,
    BatchList,
    BatchResponse,
    CaseDetail,
    CaseList,
    CaseResponse,
    CorrectionAccepted,
    CounterfactualResponse,
    DeadLetter,
    DeadLetterList,
    DecisionList,
    DecisionResponse,
    EvidenceSelectionBody,
    LivenessResponse,
    LoanOutcomeBody,
    LoanResponse,
    MadeLinkResponse,
    NoticeDetail,
    NoticeList,
    NoticeResponse,
    OneTimePassword,
    OutcomeAuthority,
    OutcomeImportList,
    OutcomeImportResponse,
    OverridesResponse,
    OverviewResponse,
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
    TokenResponse,
    UndeliveredList,
    UndeliveredMessage,
    UserList,
    UserResponse,
    VerificationList,
    VerificationReportResponse,
    VintagesResponse,
    WebhookSecret,
    WhatIfResponse,
)
from credit_scoring_client.operations import (
    Addressee,
    Application,
    ApplicationFilters,
    BatchOptions,
    CaseFilters,
    DecisionFilters,
    DeliveryMethod,
    EventFilters,
    LetterFormat,
    Moment,
    NoticeFilters,
    Operation,
    OverrideFilters,
    OverviewFilters,
    PageFilters,
    QualityReviewFilters,
    Resolution,
    Role,
    VintageFilters,
    WhatIfVersions,
    WithdrawalReason,
)

Result = TypeVar("Result")


class AsyncClient:
    """Calls the service as Client does, without blocking the event loop. Tasks of one loop may share a client."""

    def __init__(
        self,
        base_url: str,
        *,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - it is immutable
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._caller = Caller(token=token, username=username, password=password, retry=retry)
        self._http, self._owns_http = (httpx.AsyncClient(), True) if http is None else (http, False)
        self._renewing = asyncio.Lock()
        self._base_url, self._timeout = address(base_url), httpx.Timeout(timeout, pool=None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections, unless they were given as `http`."""
        if self._owns_http:
            await self._http.aclose()

    # Decisions

    async def predict(self, application: Application, *, idempotency_key: str | None = None) -> DecisionResponse:
        """Decide on a loan application. The same key returns the same decision."""
        return await self._call(operations.predict(application, idempotency_key))

    async def read_decision(self, decision_id: str) -> RecordedDecision:
        """Read a recorded decision."""
        return await self._call(operations.read_decision(decision_id))

    async def list_decisions(self, **filters: Unpack[DecisionFilters]) -> DecisionList:
        """List one page of decisions, newest first."""
        return await self._call(operations.list_decisions(filters))

    async def iterate_decisions(self, **filters: Unpack[DecisionFilters]) -> AsyncIterator[RecordedDecision]:
        """Iterate over all decisions, newest first, page by page."""
        while True:
            page = await self.list_decisions(**filters)
            for item in page.decisions:
                yield item
            if page.next_cursor is None:
                return
            filters["cursor"] = page.next_cursor

    async def reproduce_decision(self, decision_id: str) -> ReproductionResponse:
        """Decide again with the model and policy of the decision, and compare bit for bit."""
        return await self._call(operations.reproduce_decision(decision_id))

    async def find_counterfactual(self, decision_id: str) -> CounterfactualResponse:
        """Find the smallest changes that would have led to approval."""
        return await self._call(operations.find_counterfactual(decision_id))

    async def read_overrides(
        self, *, start: Moment, end: Moment, **filters: Unpack[OverrideFilters]
    ) -> OverridesResponse:
        """Compare what people decided in a period with what the system had decided."""
        return await self._call(operations.read_overrides(start, end, filters))

    async def read_vintages(self, **filters: Unpack[VintageFilters]) -> VintagesResponse:
        """Compare expected with observed default by the month in which loans were booked."""
        return await self._call(operations.read_vintages(filters))

    async def try_what_if(
        self, application: Application, *, decision_id: str | None = None, versions: WhatIfVersions | None = None
    ) -> WhatIfResponse:
        """Say what would be decided, and record nothing.

        With `decision_id`, `application` has the values that differ from those of that decision, in a dictionary.
        """
        return await self._call(operations.try_what_if(application, decision_id, versions))

    async def read_overview(
        self, *, start: Moment, end: Moment, **filters: Unpack[OverviewFilters]
    ) -> OverviewResponse:
        """Summarize the decisions of a period; `start` is inclusive, `end` exclusive."""
        return await self._call(operations.read_overview(start, end, filters))

    # Applications

    async def list_applications(self, **filters: Unpack[ApplicationFilters]) -> ApplicationListResponse:
        """List one page of applications with their present states, newest first."""
        return await self._call(operations.list_applications(filters))

    async def iterate_applications(
        self, **filters: Unpack[ApplicationFilters]
    ) -> AsyncIterator[ApplicationSummary]:
        """Iterate over all applications, newest first, page by page."""
        while True:
            page = await self.list_applications(**filters)
            for application in page.applications:
                yield application
            if page.next_cursor is None:
                return
            filters["cursor"] = page.next_cursor

    async def read_application(self, application_id: str) -> ApplicationResponse:
        """Read an application with all its decisions, by the identifier of any of them."""
        return await self._call(operations.read_application(application_id))

    async def accept_offer(
        self,
        application_id: str,
        amount: float | None = None,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationResponse:
        """Accept an approval or a counter-offer, in full unless an amount is given.

        `if_match` is the `etag` of the application as read. Raises Conflict if it has changed, or a rule forbids
        the acceptance.
        """
        return await self._call(operations.accept_offer(application_id, amount, if_match, idempotency_key))

    async def withdraw_application(
        self,
        application_id: str,
        reason: WithdrawalReason,
        text: str = "",
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApplicationResponse:
        """Withdraw an application. Raises Conflict if it has changed, or a rule forbids it."""
        return await self._call(
            operations.withdraw_application(application_id, reason, text, if_match, idempotency_key)
        )

    # Applicants

    async def make_applicant_link(
        self, application_id: str, *, idempotency_key: str | None = None
    ) -> MadeLinkResponse:
        """Make a link by which the applicant sees the application. Its address is shown once."""
        return await self._call(operations.make_applicant_link(application_id, idempotency_key))

    async def list_applicant_links(self, application_id: str) -> ApplicantLinkList:
        """List the links of an application, without their addresses."""
        return await self._call(operations.list_applicant_links(application_id))

    async def revoke_applicant_link(self, application_id: str, link_id: str) -> ApplicantLinkResponse:
        """Revoke a link, which opens nothing from then on."""
        return await self._call(operations.revoke_applicant_link(application_id, link_id))

    async def list_reconsiderations(self, application_id: str) -> ReconsiderationList:
        """List what the applicant asked for, with the answers."""
        return await self._call(operations.list_reconsiderations(application_id))

    async def accept_correction(
        self, application_id: str, reconsideration_id: str, *, if_match: str
    ) -> CorrectionAccepted:
        """Decide again with what the applicant stated; `if_match` is the ETag of the case the caller holds."""
        return await self._call(operations.accept_correction(application_id, reconsideration_id, if_match))

    # Notices to applicants

    async def list_notices(self, **filters: Unpack[NoticeFilters]) -> NoticeList:
        """List one page of notices, the earliest due time first."""
        return await self._call(operations.list_notices(filters))

    async def iterate_notices(self, **filters: Unpack[NoticeFilters]) -> AsyncIterator[NoticeResponse]:
        """Iterate over all notices, page by page."""
        while True:
            page = await self.list_notices(**filters)
            for notice in page.notices:
                yield notice
            if page.next_cursor is None:
                return
            filters["cursor"] = page.next_cursor

    async def read_notice(self, notice_id: str) -> NoticeDetail:
        """Read a notice with everything that was done with it."""
        return await self._call(operations.read_notice(notice_id))

    async def preview_notice(self, notice_id: str, target: Path, *, format: LetterFormat = "pdf") -> None:
        """Write the letter as it would be issued now to `target`. Raises Conflict if something is missing."""
        await self._download(operations.read_letter(notice_id, "preview", format), target)

    async def issue_notice(
        self,
        notice_id: str,
        *,
        addressee: Addressee | None = None,
        if_match: str,
        idempotency_key: str | None = None,
    ) -> NoticeResponse:
        """Issue the letter of a notice, whose `etag` as read is `if_match`. Raises Conflict if it is not owed."""
        return await self._call(operations.issue_notice(notice_id, addressee, if_match, idempotency_key))

    async def record_delivery(
        self,
        notice_id: str,
        method: DeliveryMethod,
        on: date,
        *,
        returned: bool = False,
        text: str = "",
        if_match: str,
        idempotency_key: str | None = None,
    ) -> NoticeResponse:
        """Record how an issued letter was delivered, or with `returned` that it came back."""
        delivery = {"method": method, "on": on, "returned": returned, "text": text}
        return await self._call(operations.record_delivery(notice_id, delivery, if_match, idempotency_key))

    async def read_letter(self, notice_id: str, target: Path, *, format: LetterFormat = "pdf") -> None:
        """Write the letter that was issued to `target`: always the same bytes."""
        await self._download(operations.read_letter(notice_id, "letter", format), target)

    # Outcomes of loans

    async def record_loan_outcome(
        self,
        application_id: str,
        outcome: LoanOutcomeBody,
        *,
        if_match: str | None = None,
        idempotency_key: str | None = None,
    ) -> RecordedOutcomeResponse:
        """Record what became of the loan of an accepted application, or correct a recorded outcome.

        The same outcome again records nothing. Raises Conflict without a loan, or if
        recorded outcomes contradict it.
        """
        operation = operations.record_loan_outcome(application_id, outcome, if_match, idempotency_key)
        return await self._call(operation)

    async def read_loan(self, application_id: str) -> LoanResponse:
        """Read the loan of an accepted application: its outcomes and its label."""
        return await self._call(operations.read_loan(application_id))

    async def submit_outcome_import(
        self,
        content: bytes | Path,
        *,
        name: str | None = None,
        media_type: str | None = None,
        as_of: date | None = None,
        idempotency_key: str | None = None,
    ) -> OutcomeImportResponse:
        """Submit a file of outcomes of loans, a CSV, gzipped CSV or Parquet file; a worker imports it."""
        operation = operations.submit_outcome_import(content, name, media_type, as_of, idempotency_key)
        return await self._call(operation)

    async def list_outcome_imports(self, **filters: Unpack[PageFilters]) -> OutcomeImportList:
        """List one page of imports, newest first."""
        return await self._call(operations.list_outcome_imports(filters))

    async def read_outcome_import(self, import_id: str) -> OutcomeImportResponse:
        """Read an import and its progress."""
        return await self._call(operations.read_outcome_import(import_id))

    async def read_outcome_import_errors(self, import_id: str, target: Path) -> None:
        """Download the refused rows of an import, a CSV file, to `target`."""
        await self._download(operations.read_outcome_import_errors(import_id), target)

    # Referral cases

    async def list_cases(self, **filters: Unpack[CaseFilters]) -> CaseList:
        """List one page of referral cases: unfinished ones, the most urgent first, unless `state` is given."""
        return await self._call(operations.list_cases(filters))

    async def iterate_cases(self, **filters: Unpack[CaseFilters]) -> AsyncIterator[CaseResponse]:
        """Iterate over all referral cases, page by page."""
        while True:
            page = await self.list_cases(**filters)
            for case in page.cases:
                yield case
            if page.next_cursor is None:
                return
            filters["cursor"] = page.next_cursor

    async def read_case(self, case_id: str) -> CaseDetail:
        """Read a referral case with its decision and everything that was done."""
        return await self._call(operations.read_case(case_id))

    async def claim_next_case(self, *, idempotency_key: str | None = None) -> CaseResponse | None:
        """Claim the most urgent case that no other person holds; None if no case waits."""
        return await self._call(operations.claim_next_case(idempotency_key))

    async def claim_case(self, case_id: str, *, if_match: str, idempotency_key: str | None = None) -> CaseResponse:
        """Claim a case, whose `etag` as read is `if_match`. Raises Conflict if it changed or is taken."""
        return await self._call(operations.change_case(case_id, "claim", if_match, idempotency_key))

    async def release_case(
        self, case_id: str, *, if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Give a case back to the queue."""
        return await self._call(operations.change_case(case_id, "release", if_match, idempotency_key))

    async def reassign_case(
        self, case_id: str, to: str, *, if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Give a case to another user, also if someone else has claimed it."""
        return await self._call(
            operations.change_case(case_id, "reassignment", if_match, idempotency_key, {"to": to})
        )

    async def add_case_note(
        self, case_id: str, text: str, *, if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Add a note to a case that the caller holds."""
        return await self._call(
            operations.change_case(case_id, "notes", if_match, idempotency_key, {"text": text})
        )

    async def request_information(
        self, case_id: str, text: str, *, if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Record that the applicant is asked for information, which stops the due time."""
        return await self._call(
            operations.change_case(case_id, "information-requests", if_match, idempotency_key, {"text": text})
        )

    async def answer_information_request(
        self, case_id: str, text: str, *, if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Record the applicant's answer."""
        return await self._call(
            operations.change_case(
                case_id, "information-requests/answer", if_match, idempotency_key, {"text": text}
            )
        )

    async def resolve_case(
        self, case_id: str, *, if_match: str, idempotency_key: str | None = None, **resolution: Unpack[Resolution]
    ) -> CaseResponse:
        """Resolve a case, or propose to, where a second person must agree: its `state` then says so."""
        return await self._call(
            operations.change_case(case_id, "resolution", if_match, idempotency_key, resolution)
        )

    async def give_second_approval(
        self, case_id: str, *, approve: bool, text: str = "", if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Agree with a proposed resolution, or refuse it with a reason."""
        body = {"approve": approve, "text": text}
        return await self._call(
            operations.change_case(case_id, "second-approval", if_match, idempotency_key, body)
        )

    async def change_condition(
        self,
        case_id: str,
        number: int,
        *,
        state: Literal["met", "waived"],
        reason: str = "",
        if_match: str,
        idempotency_key: str | None = None,
    ) -> CaseResponse:
        """Record that a condition of a resolution was met, or waive it for a reason."""
        body = {"state": state, "reason": reason}
        return await self._call(
            operations.change_case(case_id, f"conditions/{number:d}", if_match, idempotency_key, body)
        )

    async def enter_own_view(
        self, case_id: str, outcome: str, text: str, *, if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Enter one's own view of a case, after which a blind policy shows score and recommendation."""
        body = {"outcome": outcome, "text": text}
        return await self._call(operations.change_case(case_id, "own-view", if_match, idempotency_key, body))

    async def review_quality(
        self, case_id: str, outcome: str, text: str, *, if_match: str, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Record what one would have decided on a resolved case that waits for a quality review."""
        body = {"outcome": outcome, "text": text}
        return await self._call(operations.change_case(case_id, "quality-review", if_match, idempotency_key, body))

    async def list_quality_reviews(self, **filters: Unpack[QualityReviewFilters]) -> QualityReviewList:
        """List one page of quality reviews: those in which the reviewer disagreed, unless `state` is given."""
        return await self._call(operations.list_quality_reviews(filters))

    async def preview_counter_offer(self, case_id: str, amount: float, term: int) -> OutcomeAuthority:
        """Compute a counter-offer without proposing it; raises an error if the policy does not approve it."""
        return await self._call(operations.preview_counter_offer(case_id, amount, term))

    async def open_review(
        self, decision_id: str, reason: str, *, idempotency_key: str | None = None
    ) -> CaseResponse:
        """Open a case on a decision, to review it."""
        return await self._call(operations.open_review(decision_id, reason, idempotency_key))

    async def renew_lease(self, case_id: str) -> CaseResponse:
        """Keep a case that the caller holds for another 15 minutes."""
        return await self._call(operations.renew_lease(case_id))

    # Batches

    async def submit_batch(
        self,
        content: bytes | Path,
        *,
        name: str | None = None,
        media_type: str | None = None,
        webhook_url: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[BatchOptions],
    ) -> BatchResponse:
        """Submit a file of loan applications: CSV, gzipped CSV or Parquet."""
        return await self._call(
            operations.submit_batch(content, name, media_type, webhook_url, idempotency_key, **options)
        )

    async def list_batches(self, **filters: Unpack[PageFilters]) -> BatchList:
        """List one page of batches, newest first."""
        return await self._call(operations.list_batches(filters))

    async def iterate_batches(self, **filters: Unpack[PageFilters]) -> AsyncIterator[BatchResponse]:
        """Iterate over all batches, newest first, page by page."""
        while True:
            page = await self.list_batches(**filters)
            for item in page.batches:
                yield item
            if page.next_cursor is None:
                return
            filters["cursor"] = page.next_cursor

    async def read_batch(self, batch_id: str) -> BatchResponse:
        """Read a batch and its progress."""
        return await self._call(operations.read_batch(batch_id))

    async def wait_for_batch(
        self,
        batch_id: str,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - as in Client; it bounds the whole wait
        interval: float = 2.0,
    ) -> BatchResponse:
        """Wait until a batch is done, failed or cancelled. Raises BatchTimeout after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (batch := await self.read_batch(batch_id)).state in operations.UNFINISHED:
            if deadline is not None and time.monotonic() + interval > deadline:
                raise BatchTimeout(f"batch {batch_id} is still {batch.state} after {timeout:g} seconds")
            await asyncio.sleep(interval)
        return batch

    async def export_decision_evidence(self, decision_id: str, target: Path) -> None:
        """Export evidence on a decision, a zip file, to `target`; the audit trail records it."""
        await self._download(operations.export_decision_evidence(decision_id), target)

    async def export_evidence(self, selection: EvidenceSelectionBody, target: Path) -> None:
        """Export evidence on a selection of decisions, a zip file, to `target`; the audit trail records it."""
        await self._download(operations.export_evidence(selection), target)

    async def list_audit_events(self, **filters: Unpack[EventFilters]) -> AuditEventList:
        """List one page of the events of the audit trail, newest first."""
        return await self._call(operations.list_audit_events(filters))

    async def list_verifications(self, **filters: Unpack[PageFilters]) -> VerificationList:
        """List one page of the verifications of the audit trail, newest first."""
        return await self._call(operations.list_verifications(filters))

    async def read_verification(self, verification_id: str) -> VerificationReportResponse:
        """Read a verification of the audit trail with its report."""
        return await self._call(operations.read_verification(verification_id))

    async def download_verification_report(self, verification_id: str, target: Path) -> None:
        """Download the report of a verification, a JSON file, to `target`."""
        await self._download(operations.download_verification_report(verification_id), target)

    async def read_batch_results(self, batch_id: str, target: Path) -> None:
        """Download the results of a finished batch, a CSV file, to `target`."""
        await self._download(operations.read_batch_results(batch_id), target)

    async def read_batch_errors(self, batch_id: str, target: Path) -> None:
        """Download the errors of rejected rows, a CSV file, to `target`."""
        await self._download(operations.read_batch_errors(batch_id), target)

    async def cancel_batch(self, batch_id: str) -> BatchResponse:
        """Cancel a batch. Recorded decisions stay. Raises Conflict if it has finished."""
        return await self._call(operations.cancel_batch(batch_id))

    async def read_webhook_secret(self) -> WebhookSecret:
        """Read the secret for `verify_webhook`."""
        return await self._call(operations.read_webhook_secret())

    async def list_dead_letters(self, **filters: Unpack[PageFilters]) -> DeadLetterList:
        """List one page of undelivered webhooks, newest first."""
        return await self._call(operations.list_dead_letters(filters))

    async def iterate_dead_letters(self, **filters: Unpack[PageFilters]) -> AsyncIterator[DeadLetter]:
        """Iterate over all undelivered webhooks, newest first, page by page."""
        while True:
            page = await self.list_dead_letters(**filters)
            for item in page.dead_letters:
                yield item
            if page.next_cursor is None:
                return
            filters["cursor"] = page.next_cursor

    async def subscribe(self, url: str, events: Sequence[str]) -> SubscriptionResponse:
        """Have events of your own applications sent to a URL; `verify_event` reads them."""
        return await self._call(operations.subscribe(url, events))

    async def list_subscriptions(self) -> SubscriptionList:
        """List your active subscriptions with the state of their deliveries."""
        return await self._call(operations.list_subscriptions())

    async def end_subscription(self, subscription_id: str) -> None:
        """End a subscription; its messages that wait are not sent any more."""
        await self._call(operations.end_subscription(subscription_id))

    async def send_test_event(self, subscription_id: str) -> QueuedEvent:
        """Have a test event sent before other events."""
        return await self._call(operations.send_test_event(subscription_id))

    async def list_undelivered(self, subscription_id: str, **filters: Unpack[PageFilters]) -> UndeliveredList:
        """List one page of a subscription's messages that were given up, newest first."""
        return await self._call(operations.list_undelivered(subscription_id, filters))

    async def iterate_undelivered(
        self, subscription_id: str, **filters: Unpack[PageFilters]
    ) -> AsyncIterator[UndeliveredMessage]:
        """Iterate over all of a subscription's messages that were given up, newest first, page by page."""
        while True:
            page = await self.list_undelivered(subscription_id, **filters)
            for item in page.undelivered:
                yield item
            if page.next_cursor is None:
                return
            filters["cursor"] = page.next_cursor

    async def retry_undelivered(self, subscription_id: str) -> RetriedMessages:
        """Have all of a subscription's messages that were given up sent again."""
        return await self._call(operations.retry_undelivered(subscription_id))

    # Users

    async def list_users(self) -> UserList:
        """List all users, by name."""
        return await self._call(operations.list_users())

    async def add_user(
        self, name: str, role: Role, *, must_change_password: bool | None = None
    ) -> OneTimePassword:
        """Add a user. The generated password is stored nowhere. Raises Conflict if the name exists."""
        return await self._call(operations.add_user(name, role, must_change_password))

    async def read_user(self, name: str) -> UserResponse:
        """Read a user; `etag` is needed to change or remove the user."""
        return await self._call(operations.read_user(name))

    async def change_user(self, name: str, role: Role, *, if_match: str) -> UserResponse:
        """Change a user's role; access tokens and sessions end.

        `if_match` is the `etag` of the user as read, or "*" for any. Raises Conflict if the user changed since.
        """
        return await self._call(operations.change_user(name, role, if_match))

    async def remove_user(self, name: str, *, if_match: str) -> None:
        """Remove a user; access tokens and sessions end. `if_match` is as in `change_user`."""
        await self._call(operations.remove_user(name, if_match))

    async def reset_password(self, name: str, *, must_change_password: bool | None = None) -> OneTimePassword:
        """Replace a user's password by a generated one; access tokens and sessions end."""
        return await self._call(operations.reset_password(name, must_change_password))

    async def unlock_user(self, name: str) -> None:
        """Let a user log in at once, whatever the number of failed logins."""
        await self._call(operations.unlock_user(name))

    async def list_sessions(self, name: str) -> SessionList:
        """List the open sessions of a user in the web interface."""
        return await self._call(operations.list_sessions(name))

    async def end_sessions(self, name: str) -> None:
        """End all sessions and access tokens of a user; the password stays."""
        await self._call(operations.end_sessions(name))

    async def end_session(self, name: str, session_id: str) -> None:
        """End one session of a user in the web interface."""
        await self._call(operations.end_session(name, session_id))

    # Access and operations

    async def issue_token(self, username: str, password: str) -> TokenResponse:
        """Request an access token. A client with a username and a password does this itself."""
        return await self._call(operations.issue_token(username, password))

    async def change_password(self, username: str, current_password: str, new_password: str) -> None:
        """Change a password; all access tokens and sessions of the user end."""
        await self._call(operations.change_password(username, current_password, new_password))

    async def live(self) -> LivenessResponse:
        """Check that the process responds."""
        return await self._call(operations.live())

    async def ready(self) -> ReadinessResponse:
        """Read whether the process can decide, and the state of every dependency."""
        return await self._call(operations.ready())

    async def _call(self, operation: Operation[Result]) -> Result:
        return operation.decode((await self._run(self._caller.call(operation))).content)

    async def _download(self, operation: Operation[None], target: Path) -> None:
        response = await self._run(self._caller.call(operation), stream=True)
        try:
            with replacing(target, response) as file:
                async for chunk in response.aiter_bytes():
                    file.write(chunk)
        except httpx.RequestError as error:
            raise failure(error) from error
        finally:
            await response.aclose()

    async def _run(self, steps: Steps[Result], *, stream: bool = False) -> Result:
        try:
            step = next(steps)
            while True:
                step = steps.send(await self._take(step, stream=stream))
        except StopIteration as stop:
            result: Result = stop.value
            return result

    async def _take(self, step: Step, *, stream: bool) -> Reply | None:
        if isinstance(step, Pause):
            await asyncio.sleep(step.seconds)
            return None
        if isinstance(step, Renew):
            async with self._renewing:
                await self._run(self._caller.renew(step))
            return None
        content = reading_in_thread(step.operation)
        request = step.request(self._http, self._base_url, content, self._timeout)
        try:
            response = await cancelled_cleanly(self._http.send(request, stream=stream, follow_redirects=False))
            if stream and not response.is_success:
                async with aclosing(response):
                    await response.aread()
        except httpx.RequestError as error:
            return error
        return response
