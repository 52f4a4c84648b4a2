"""Different loan applications, as form values and as HTTP requests."""

import json
import random
from collections.abc import Iterator
from itertools import islice
from uuid import uuid4

from domain.products.fields import ChoiceField
from domain.products.personal_loan import PERSONAL_LOAN

FormValue = str | float | int
_CHOICES = {field.name: field.choices for field in PERSONAL_LOAN.fields if isinstance(field, ChoiceField)}


def all_forms(seed: int) -> Iterator[dict[str, FormValue]]:
    """An endless sequence of applications over the model's domain."""
    chance = random.Random(seed)  # noqa: S311 - not a secret
    while True:
        fico = chance.randrange(660, 825, 5)
        yield {
            "annual_inc": float(chance.randrange(18_000, 180_000, 500)),
            "emp_length": chance.choice(_CHOICES["emp_length"]),
            "home_ownership": chance.choice(_CHOICES["home_ownership"][:3]),
            "loan_amnt": float(chance.randrange(1_000, 35_000, 25)),
            "term": chance.choice(_CHOICES["term"]),
            "purpose": chance.choice(_CHOICES["purpose"]),
            "fico_range_low": fico,
            "fico_range_high": fico + 4,
            "dti": round(chance.uniform(0, 35), 2),
            "revol_util": round(chance.uniform(0, 99), 1),
            "inq_last_6mths": chance.choice((0, 0, 0, 1, 1, 2, 3)),
            "delinq_2yrs": chance.choice((0, 0, 0, 0, 1)),
            "pub_rec": chance.choice((0, 0, 0, 0, 0, 1)),
        }


def forms(count: int, seed: int = 1) -> list[dict[str, FormValue]]:
    """The first `count` of them."""
    return list(islice(all_forms(seed), count))


def all_requests(authorization: str, seed: int, *, keyed: bool = False) -> Iterator[str]:
    """An endless sequence of HTTP requests for decisions; `keyed`: each with its own idempotency key."""
    for form in all_forms(seed):
        body = json.dumps(form)
        key = f"Idempotency-Key: {uuid4()}\r\n" if keyed else ""
        yield (
            "POST /api/v1/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"{authorization}\r\n{key}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )


def prediction_requests(count: int, authorization: str, seed: int = 1, *, keyed: bool = False) -> list[str]:
    """The first `count` of them; another seed gives other applications."""
    return list(islice(all_requests(authorization, seed, keyed=keyed), count))
