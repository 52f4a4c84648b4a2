"""Serves the web interface with in-memory storage to a browser.

Arguments: a port, how many decisions to create, a log level, whether cookies require HTTPS ("yes"), and the
name of the product.
"""

import asyncio
import random
import sys
from datetime import timedelta

import uvicorn
from nicegui import app as nicegui_app
from ui_lender import RUI, UiLender

from adapters.observability.logging.logs import configure_logging
from application.ports.outcomes.outcome_imports import ImportedChunk
from application.use_cases.outcomes.record_loan_outcome import Correction
from domain.access.user import Actor, Role
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import Money
from domain.outcomes.loan_outcome import LoanAmounts, StatedOutcome
from domain.outcomes.loan_status import LoanStatus
from domain.outcomes.outcome_import import ImportProgress
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.ui.app import create_app
from support.batches import pieces
from support.boat_model import lending_for_boats
from support.memory.reconsiderations import PAGE_URL
from support.other_product import BOAT_LOAN


async def fill(lender: UiLender, decisions: int) -> None:
    await lender.archive_versions()
    rng = random.Random(7)  # noqa: S311 - nothing secret, the same every time
    for index in range(decisions):
        lender.clock.offset = timedelta(hours=-9 * (decisions - index))
        low = rng.randrange(660, 800)
        await lender.assess(
            received_through=rng.choice(["api", "web", "file"]),
            loan_amnt=str(rng.randrange(2000, 35000, 500)),
            annual_inc=str(rng.randrange(18_000, 140_000, 1000)),
            dti=f"{rng.uniform(2, 34):.1f}",
            fico_range_low=str(low),
            fico_range_high=str(low + 4),
            revol_util=f"{rng.uniform(5, 95):.1f}",
            term=rng.choice(["36 months", "60 months"]),
            purpose=rng.choice(PERSONAL_LOAN.field_by_name["purpose"].choices),
            inq_last_6mths=str(rng.randrange(4)),
        )
    lender.clock.offset = timedelta()


async def lend(lender: UiLender) -> None:
    rng = random.Random(20)  # noqa: S311 - as above
    today = lender.clock.now().date()
    for number in range(60):
        booked = today - timedelta(days=12 * number + 3)
        ends = min(today, booked + timedelta(days=rng.randrange(60, 500)))
        status = rng.choices((LoanStatus.PERFORMING, LoanStatus.PREPAID, LoanStatus.CHARGED_OFF), (7, 2, 1))[0]
        await lender.lend(StatedOutcome(LoanStatus.BOOKED, booked), StatedOutcome(status, ends))
    booked = today - timedelta(days=400)
    paid = StatedOutcome(LoanStatus.PERFORMING, today, amounts=LoanAmounts(Money(412_050), Money(587_950)))
    identity = ApplicationIdentity(application_reference="corrected")
    record = await lender.lend(StatedOutcome(LoanStatus.BOOKED, booked), paid, identity=identity)
    correction = Correction(lender.decisions.loan_outcomes[record.decision_id][-1].outcome_id, "Wrong account.")
    late = StatedOutcome(LoanStatus.LATE, today, days_past_due=34)
    await lender.use_cases.outcomes.record(record.decision_id, late, by=RUI, correction=correction)
    await lender.use_cases.outcomes.submit_import(pieces(b"reference,status\n"), name="servicer.csv", by=RUI)
    lease = await lender.outcome_imports.lease_next(lender.clock.now())
    assert lease is not None
    errors = b"1,2,LN-1,status,sold,is not a status\n3,4,LN-3,,,names no application\n"
    progress = ImportProgress(rows_read=5, recorded=2, repeated=1, refused=2, share_done=0.5, chunks=1)
    await lender.outcome_imports.record(lease, ImportedChunk([], [], errors, progress))


async def say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 - for the test that reads the log


if __name__ == "__main__":
    port, decisions, log_level, secure_cookies = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    configure_logging(log_level)  # as the service does
    lender = UiLender()
    asyncio.run(fill(lender, decisions))
    if sys.argv[5] == BOAT_LOAN.name:
        lender.use_cases = lending_for_boats(lender.use_cases)
    app = create_app(
        lender.use_cases,
        storage_secret="not a secret",
        draft_secret=b"not a secret either",
        version="0.1.0",
        secure_cookies=secure_cookies == "yes",
        on_startup=[lambda: say("opened")],
        on_shutdown=[lambda: say("closed")],
    )
    paths = [route.path for route in app.routes if getattr(route, "path", "")]  # all but NiceGUI itself

    @nicegui_app.get("/test/routes")
    def routes() -> list[str]:
        return [route.path for route in nicegui_app.routes]

    @nicegui_app.get("/test/public")
    def public() -> list[str]:
        return paths

    @nicegui_app.get("/test/applicant")
    async def applicant() -> str:
        """The path of a link of a new, declined application."""
        declined = await lender.assess(loan_amnt="30000", annual_inc="20000")
        by = Actor("marta", Role.LOAN_OFFICER)
        made = await lender.use_cases.reconsiderations.make_link(declined.decision_id, by=by)
        return str(made.address).removeprefix(PAGE_URL)

    @nicegui_app.get("/test/loans")
    async def loans() -> None:
        """Loans of two years with outcomes, and an import with refused rows."""
        if not lender.decisions.loans:
            await lend(lender)

    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_graceful_shutdown=3)
