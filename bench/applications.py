"""Loan applications that differ from one another, as HTTP requests and as characteristics."""

import json
import random

from domain.lending.applicant import EmploymentLength, HomeOwnership
from domain.lending.loan_terms import Purpose, Term

FormValue = str | float | int


def forms(count: int, seed: int = 1) -> list[dict[str, FormValue]]:
    """Applications spread over what the model knows."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    made: list[dict[str, FormValue]] = []
    for _ in range(count):
        fico = chance.randrange(660, 825, 5)
        made.append(
            {
                "annual_inc": float(chance.randrange(18_000, 180_000, 500)),
                "emp_length": chance.choice(list(EmploymentLength)).value,
                "home_ownership": chance.choice(list(HomeOwnership)[:3]).value,
                "loan_amnt": float(chance.randrange(1_000, 35_000, 25)),
                "term": chance.choice(list(Term)).label,
                "purpose": chance.choice(list(Purpose)).value,
                "fico_range_low": fico,
                "fico_range_high": fico + 4,
                "dti": round(chance.uniform(0, 35), 2),
                "revol_util": round(chance.uniform(0, 99), 1),
                "inq_last_6mths": chance.choice((0, 0, 0, 1, 1, 2, 3)),
                "delinq_2yrs": chance.choice((0, 0, 0, 0, 1)),
                "pub_rec": chance.choice((0, 0, 0, 0, 0, 1)),
            }
        )
    return made


def prediction_requests(count: int, authorization: str, seed: int = 1) -> list[str]:
    """HTTP requests for a decision each; another seed gives other applications."""
    requests = []
    for form in forms(count, seed):
        body = json.dumps(form)
        requests.append(
            "POST /api/v1/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"{authorization}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
    return requests
