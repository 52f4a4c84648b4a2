"""The loan book in the database."""

from collections.abc import AsyncIterator

import pytest

from adapters.persistence.database.connections import database_engine
from adapters.persistence.outcomes.loan_book import PostgresLoanBooks
from domain.outcomes.loan_status import LoanStatus
from support.engines import execute

LOANS = """
INSERT INTO loans (application_id, decision_id, status, status_on, booked_on, version, pd, amount, product,
    grade, requested_by, changed_at)
SELECT gen_random_uuid(), gen_random_uuid(), status, '2026-01-01', '2026-01-01', 1, 0.1, 5000, 'personal_loan',
    'B', 'los', now()
FROM unnest(ARRAY['performing', 'performing', 'charged_off']) AS given (status)
"""
OUTCOMES = """
INSERT INTO loan_outcomes
SELECT ('019cece5-2687-7000-8000-00000000010' || number)::uuid, gen_random_uuid(), 1,
    now() - (3 - number) * interval '1 hour', 'rui', 'loan outcome recorded', '{}'
FROM generate_series(0, 2) AS number
"""
IMPORTS = """
INSERT INTO outcome_imports (import_id, name, submitted_at, requested_by, role, size, digest, state, rows_read,
    recorded, repeated, refused, share_done, chunks, finished_at)
SELECT gen_random_uuid(), 'x.csv', now(), 'rui', 'risk manager', 1, '', state, 0, 0, 0, 0, 0, 0,
    now() - hours * interval '1 hour'
FROM (VALUES ('done', 5), ('done', 4), ('failed', 1), ('queued', NULL), ('running', NULL)) AS given (state, hours)
"""


@pytest.fixture
async def books(migrated_url: str) -> AsyncIterator[PostgresLoanBooks]:
    engine = database_engine(migrated_url)
    yield PostgresLoanBooks(engine)
    await engine.dispose()


async def test_an_empty_book_has_every_status(books: PostgresLoanBooks) -> None:
    book = await books.read()
    assert book.by_status == dict.fromkeys(LoanStatus, 0)
    assert (book.newest_outcome_seconds, book.last_import_seconds, book.imports_pending) == (0.0, 0.0, 0)


async def test_loans_are_counted_and_the_newest_outcome_and_import_found(
    books: PostgresLoanBooks, migrated_url: str
) -> None:
    for statement in (LOANS, OUTCOMES, IMPORTS):
        execute(migrated_url, statement)
    book = await books.read()
    assert (book.by_status[LoanStatus.PERFORMING], book.by_status[LoanStatus.CHARGED_OFF]) == (2, 1)
    assert book.newest_outcome_seconds == pytest.approx(3_600, abs=60)
    assert book.last_import_seconds == pytest.approx(4 * 3_600, abs=60)
    assert book.imports_pending == 2
