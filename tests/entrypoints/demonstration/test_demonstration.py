"""A small demonstration on PostgreSQL: it is complete, true, synthetic, and quick in proportion."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

import pytest

from application.ports.applications.applications import ApplicationFilter
from application.ports.audit.event_history import EventFilter
from application.ports.cases.cases import CaseFilter
from application.ports.decisions.decision_archive import DecisionFilter
from application.ports.notices.notices import LetterFormat, NoticeFilter
from domain.applications.application_state import ApplicationState
from domain.applications.synthetic import SYNTHETIC_SOURCE, is_synthetic
from domain.audit.event import EventKind
from domain.cases.case_state import ENDED, UNFINISHED
from domain.decisions.decision_record import DecisionRecord
from domain.monitoring.overview_filter import OverviewFilter
from domain.notices.notice_state import NoticeState
from entrypoints.composition.processes.commands import command_container
from entrypoints.composition.processes.demonstration import (
    Demonstrated,
    DemonstrationRefused,
    fill_installation,
)
from entrypoints.configuration.settings import Settings, read_settings
from entrypoints.demonstration.demonstration import APPLICATIONS, Plan
from entrypoints.demonstration.people import (
    AUDITOR,
    COMPLIANCE,
    OFFICER,
    PEOPLE,
    RISK_MANAGER,
    SENIOR,
    UNDERWRITERS,
)
from support.engines import drop_database, fresh_database

SIZE = 70
SECONDS, STARTING = 120.0, 15.0
"""The time that the whole demonstration may take, and what of it does not depend on the size."""


@dataclass(frozen=True)
class Filled:
    settings: Settings
    done: Demonstrated
    seconds: float
    progress: list[float]
    ended: datetime


@pytest.fixture(scope="module")
def filled(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    url = fresh_database(postgres_url)
    folder = tmp_path_factory.mktemp("demonstration")
    settings = read_settings(
        {
            "SCORING_DATABASE_URL": url,
            "SCORING_SECRET_KEY": token_urlsafe(48),
            "SCORING_DATA_DIR": str(folder),
        }
    )
    progress: list[float] = []
    began, ended = time.process_time(), datetime.now(UTC)
    done = fill_installation(settings, lambda end: Plan(end, 1, SIZE), lambda share, _: progress.append(share))
    yield Filled(settings, done, time.process_time() - began, progress, ended)
    drop_database(postgres_url, url)


def test_it_is_complete_and_its_trail_verifies(filled: Filled) -> None:
    assert filled.done.decisions > SIZE
    assert filled.done.loans > SIZE / 5
    assert filled.done.verification.violation_count == 0
    assert filled.progress == sorted(filled.progress)
    assert filled.progress[-1] == 1.0
    assert filled.done.remarks == []


def test_it_is_quick_in_proportion(filled: Filled) -> None:
    """Of the processor, since other programs run too; the database works beside it."""
    share = SIZE / APPLICATIONS
    assert filled.seconds < STARTING + SECONDS * share


def test_everyone_who_works_there_can_log_in(filled: Filled) -> None:
    assert [added.user for added in filled.done.users] == list(PEOPLE)
    passwords = [added.password for added in filled.done.users]
    assert all(passwords)
    assert len(set(passwords)) == len(passwords)


async def test_every_decision_is_synthetic_and_reproduces(filled: Filled) -> None:
    async with command_container(filled.settings) as container:
        await container.policy().refresh()
        use_cases = container.use_cases()
        page = await use_cases.list_decisions(DecisionFilter(), by=AUDITOR, limit=200)
        records = [record for record in page.records if isinstance(record, DecisionRecord)]
        assert len(records) == filled.done.decisions
        assert all(is_synthetic(record.identity) for record in records)
        assert len({record.decision.outcome for record in records}) == 3
        assert max(record.decided_at for record in records) < filled.ended
        assert min(record.decided_at for record in records) < filled.ended - timedelta(days=365)
        for record in records[:: len(records) // 10]:
            assert (await use_cases.reproduce(record.decision_id, by=AUDITOR)).comparison.identical


async def test_every_page_has_something_to_show(filled: Filled) -> None:
    now = datetime.now(UTC)
    async with command_container(filled.settings) as container:
        await container.policy().refresh()
        use_cases = container.use_cases()
        half_a_year = {"start": now - timedelta(days=180), "end": None}
        overview = await use_cases.read_overview(by=RISK_MANAGER, **half_a_year)
        assert overview.overview.outcomes.total > SIZE / 2
        assert await use_cases.contains_synthetic()
        for states in (UNFINISHED, ENDED):
            assert (await use_cases.cases.list_cases(CaseFilter(states=states), by=SENIOR)).cases
        for state in (ApplicationState.ACCEPTED, ApplicationState.DECLINED, ApplicationState.REFERRED):
            wanted = ApplicationFilter(state=state)
            assert (await use_cases.applications.list(wanted, by=OFFICER)).applications, state
        figures = await use_cases.read_overrides(by=RISK_MANAGER, **half_a_year)
        assert figures.figures.total.decisions
        assert figures.newest
        for state in (NoticeState.DUE, NoticeState.DELIVERED):
            found = await use_cases.notices.list_notices(NoticeFilter(states=frozenset({state})), by=COMPLIANCE)
            assert found.notices, state
        overdue = await use_cases.notices.list_notices(NoticeFilter(overdue_at=now), by=COMPLIANCE)
        assert 1 <= len(overdue.notices) <= 3
        letter = await use_cases.notices.read_letter(found.notices[0].notice_id, LetterFormat.PDF, by=COMPLIANCE)
        assert letter.startswith(b"%PDF")
        events = await use_cases.list_events(EventFilter(kinds=[EventKind.DEMONSTRATION_COMPLETED]), by=AUDITOR)
        assert len(events.events) == 1
        assert (await use_cases.list_verifications(by=AUDITOR)).verifications
        accepted = await use_cases.applications.list(
            ApplicationFilter(state=ApplicationState.ACCEPTED), by=OFFICER
        )
        histories = [
            await use_cases.outcomes.read(each.life.application_id, by=RISK_MANAGER)
            for each in accepted.applications[-10:]
        ]
        assert any(len(each.loan.history) > 1 for each in histories)


async def test_figures_can_leave_it_out(filled: Filled) -> None:
    async with command_container(filled.settings) as container:
        use_cases = container.use_cases()
        others = OverviewFilter(source="los")
        start = datetime.now(UTC) - timedelta(days=365)
        left_out = await use_cases.read_overview(start, by=RISK_MANAGER, wanted=others)
        assert left_out.overview.outcomes.total == 0
        only = OverviewFilter(source=SYNTHETIC_SOURCE)
        synthetic = await use_cases.read_overview(start, by=RISK_MANAGER, wanted=only)
        assert synthetic.overview.outcomes.total


def test_a_second_one_is_refused_and_says_how_to_start_again(filled: Filled) -> None:
    with pytest.raises(DemonstrationRefused, match=r"contains the demonstration already.*SCORING_DATA_DIR"):
        fill_installation(filled.settings, lambda end: Plan(end, 1, SIZE), lambda *_: None)


async def test_the_work_of_people_is_there(filled: Filled) -> None:
    async with command_container(filled.settings) as container:
        await container.policy().refresh()
        page = await container.use_cases().cases.list_cases(CaseFilter(states=ENDED), by=SENIOR, limit=200)
        workers = {case.changed_by for case in page.cases}
        assert {UNDERWRITERS[0].name, UNDERWRITERS[1].name} <= workers
        assert all(case.synthetic for case in page.cases)
