"""The applications of the simulated lender: who applies when, by which way, for what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random

from domain.access.user import Actor
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.applications.synthetic import SYNTHETIC_SOURCE
from domain.decisions.bureau_data import bureau_data
from domain.decisions.circumstances import BureauStatus, Circumstances
from domain.products.product_definition import ProductDefinition
from entrypoints.demonstration.people import OFFICER, PORTAL
from entrypoints.demonstration.population import Values, values_of
from entrypoints.demonstration.seasons import arrivals

_AGAIN = 0.05
"""The share of applications that another one of the same applicant follows within a month."""
_ONLINE, _BROKER = 0.62, 0.18
_DOUBTFUL_BUREAU, _OLD_REPORT, _REPORTED = 0.02, 0.03, 0.80


@dataclass(frozen=True, slots=True)
class Submission:
    """An application that is submitted at a time; `random` makes what follows."""

    at: datetime
    by: Actor
    received_through: str
    values: Values
    application: LoanApplication
    identity: ApplicationIdentity
    circumstances: Circumstances
    random: Random = field(compare=False)


def submissions(
    seed: int, product: ProductDefinition, periods: Sequence[tuple[datetime, datetime, int]]
) -> list[Submission]:
    """All applications in the order of their times; `periods` say how many there are between two times."""
    random = Random(seed)
    numbers, applicants = count(1), count(20_001)
    made: list[Submission] = []
    for start, end, number in periods:
        times = arrivals(random, number, start, end)
        for at in times:
            applicant = f"C-{next(applicants)}"
            first = _submission(random, product, at, applicant, (next(numbers), values_of(random)))
            made.append(first)
            made += _again(random, product, first, end, numbers)
    return sorted(made, key=lambda each: each.at)


def _again(
    random: Random, product: ProductDefinition, first: Submission, end: datetime, numbers: Iterator[int]
) -> list[Submission]:
    """Another application of the same applicant, if there is one, mostly for another amount."""
    at = first.at + timedelta(days=random.uniform(1.0, 40.0))
    if random.random() >= _AGAIN or at >= end:
        return []
    amount = max(1_000.0, 25.0 * round(float(first.values["loan_amnt"] or 0) * random.uniform(0.5, 1.1) / 25.0))
    values = {**first.values, "loan_amnt": min(amount, 35_000.0)}
    return [_submission(random, product, at, str(first.identity.applicant_reference), (next(numbers), values))]


def _submission(
    random: Random, product: ProductDefinition, at: datetime, applicant: str, numbered: tuple[int, Values]
) -> Submission:
    number, values = numbered
    way = random.random()
    online = way < _ONLINE
    channel = "online" if online else "broker" if way < _ONLINE + _BROKER else "branch"
    by, through = (OFFICER, "web") if channel == "branch" else (PORTAL, "api")
    identity = ApplicationIdentity(f"LN-{at.year}-{number:06}", applicant, SYNTHETIC_SOURCE, channel)
    return Submission(
        at=at,
        by=by,
        received_through=through,
        values=values,
        application=product.application_from(values),
        identity=identity,
        circumstances=_circumstances(random, at),
        random=Random(random.getrandbits(64)),
    )


def _circumstances(random: Random, at: datetime) -> Circumstances:
    """What the credit bureau says about its data."""
    if random.random() < _DOUBTFUL_BUREAU:
        return bureau_data(random.choice(list(BureauStatus)[1:]).value, None)
    if random.random() >= _REPORTED:
        return bureau_data(None, None)
    age = random.randint(31, 60) if random.random() < _OLD_REPORT else random.randint(0, 14)
    return bureau_data(None, at.date() - timedelta(days=age))


def corrected(submission: Submission, at: datetime, product: ProductDefinition) -> Submission:
    """The application with a fresh bureau report, a higher income and lower debt, as documents show them."""
    random = submission.random
    income = float(submission.values["annual_inc"] or 0) * random.uniform(1.02, 1.25)
    debt = float(submission.values["dti"] or 0) * random.uniform(0.75, 0.98)
    values = {**submission.values, "annual_inc": round(income, -2), "dti": round(debt, 2)}
    return replace(
        submission,
        at=at,
        by=OFFICER,
        received_through="web",
        values=values,
        application=product.application_from(values),
        circumstances=bureau_data(None, at.date()),
    )
