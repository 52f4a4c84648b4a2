"""What the demonstration made up is marked on every list and page, and every page says that there is such data."""

from ui_lender import UiLender
from ui_person import Person

from domain.access.user import Actor, Role
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.audit.event import EventKind, RecordedEvent
from domain.products.personal_loan import EXAMPLE, PERSONAL_LOAN
from support.builders import A_MOMENT, an_identifier

BANNER = "This installation contains synthetic data of a demonstration."
SYNTHETIC = ApplicationIdentity(application_reference="LN-SYNTHETIC", source=SYNTHETIC_SOURCE)
REFERRED = PERSONAL_LOAN.application_from({**EXAMPLE, "dti": 30.0, "inq_last_6mths": 4})


async def test_rows_and_pages_are_marked(person: Person, lender: UiLender) -> None:
    by = Actor("sara", Role.SENIOR_UNDERWRITER)
    record = await lender.use_cases.assess(REFERRED, by=by, received_through="web", identity=SYNTHETIC)
    await person.log_in("sara")
    lists = ("/decisions", "/applications", "/cases?view=queue")
    pages = tuple(f"/{area}/{record.decision_id}" for area in ("decisions", "applications", "cases"))
    for path in (*lists, *pages):
        await person.open(path)
        assert person.texts().count("Synthetic") == 1, path
        assert BANNER not in person.texts()


async def test_a_real_application_is_not_marked(person: Person, lender: UiLender) -> None:
    by = Actor("sara", Role.SENIOR_UNDERWRITER)
    record = await lender.use_cases.assess(REFERRED, by=by, received_through="web")
    await person.log_in("sara")
    for path in ("/decisions", f"/decisions/{record.decision_id}", f"/cases/{record.decision_id}"):
        await person.open(path)
        assert "Synthetic" not in person.texts()


async def test_a_banner_says_that_there_is_synthetic_data(person: Person, lender: UiLender) -> None:
    event = RecordedEvent(
        an_identifier(A_MOMENT), A_MOMENT, "os:ana", EventKind.DEMONSTRATION_STARTED, {"seed": 1}
    )
    await lender.decisions.record_event(event)
    await person.log_in("marta")
    for path in ("/", "/applications"):
        await person.open(path)
        await person.should_see(BANNER)
