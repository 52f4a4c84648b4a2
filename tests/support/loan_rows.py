"""Invented loans as CSV, for commands that read files."""

import csv
from pathlib import Path
from random import Random

LOAN = {
    "annual_inc": "52000.5",
    "emp_length": "5 years",
    "home_ownership": "RENT",
    "loan_amnt": "9000",
    "term": " 36 months",
    "purpose": "car",
    "fico_range_low": "700",
    "fico_range_high": "704",
    "dti": "15.25",
    "revol_util": "30.1%",
    "inq_last_6mths": "1",
    "delinq_2yrs": "0",
    "pub_rec": "0",
}
"""An ordinary loan in the format of a downloaded file."""


def write_loans(path: Path, loans: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(loans[0]))
        writer.writeheader()
        writer.writerows(loans)
    return path


def varied_loans(count: int) -> list[dict[str, str]]:
    """Loans of all kinds, none of them rejected."""
    chance = Random(11)  # noqa: S311 - invented loans
    return [
        LOAN
        | {
            "annual_inc": f"{chance.lognormvariate(11, 0.6):.3f}",
            "loan_amnt": str(chance.randrange(500, 40_000, 25)),
            "term": chance.choice([" 36 months", " 60 months"]),
            "fico_range_low": str(low := chance.randrange(640, 846, 5)),
            "fico_range_high": str(low + 4),
            "dti": f"{chance.uniform(0, 40):.2f}",
            "revol_util": chance.choice(["", f"{chance.uniform(0, 100):.1f}%"]),
            "delinq_2yrs": str(chance.choice([0, 0, 0, 1, 5])),
        }
        for _ in range(count)
    ]


def finished_loans(count: int) -> list[dict[str, str]]:
    """Loans with known results: the lower the FICO score, the more are bad."""
    chance = Random(12)  # noqa: S311 - invented loans
    loans = []
    for number, loan in enumerate(varied_loans(count)):
        bad = chance.random() < (850 - int(loan["fico_range_low"])) / 350
        year, month = 2009 + number * 6 // count, ["Jan", "Apr", "Jul", "Oct"][number % 4]
        loans.append(
            loan
            | {
                "int_rate": f" {chance.uniform(6, 20):.2f}%",
                "issue_d": f"{month}-{year}",
                "loan_status": "Charged Off" if bad else "Fully Paid",
            }
        )
    return loans
