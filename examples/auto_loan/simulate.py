"""Simulates auto loans with known outcomes, for trying a product without data of one's own.

    python simulate.py loans.csv                  20,000 loans, to train a model on
    python simulate.py applications.csv --applications --loans 50 --seed 2

The same seed gives the same file. The figures are invented; only their relations are realistic: better borrowers
earn more, put more down and are less often past due, and a loan is riskier the larger it is in relation to the
vehicle's price and to income, the longer it runs, and the older the vehicle.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

TERMS = np.array([24, 36, 48, 60, 72])
RESIDENCES = np.array(["OWN", "MORTGAGE", "RENT", "FAMILY", "OTHER"])
FIRST_MONTH = np.datetime64("2019-01")
MONTHS = 60
BASE_RATE = 0.10
"""The share of the loans that are not repaid."""


def simulate(loans: int, seed: int) -> dict[str, np.ndarray]:
    """Columns by name, one row per loan."""
    random = np.random.default_rng(seed)
    quality = random.normal(size=loans)
    """How reliably a borrower pays, which cannot be observed directly."""

    income = np.clip(np.exp(random.normal(8.45 + 0.12 * quality, 0.45)), 900, 40_000)
    debt_share = random.beta(3.0, 9.0, loans) * np.exp(-0.12 * quality)
    tenure = random.gamma(1.3, 45.0 * np.exp(0.15 * quality))
    unemployed = random.random(loans) < 0.04
    score = np.clip(np.rint(688 + 58 * quality + random.normal(0, 28, loans)), 430, 850)
    past_due = random.poisson(np.exp(-1.4 - 0.75 * quality))
    owner = 1 / (1 + np.exp(-(np.log(income / 5_000) + 0.3 * quality)))
    residence = np.where(
        random.random(loans) < owner,
        np.where(random.random(loans) < 0.7, "MORTGAGE", "OWN"),
        random.choice(RESIDENCES[2:], loans, p=[0.75, 0.2, 0.05]),
    )

    new = random.random(loans) < 0.2 + 0.35 * owner
    age = np.where(new, 0, 1 + random.geometric(0.22, loans)).clip(0, 15)
    price = np.exp(random.normal(np.log(27_000) + 0.35 * np.log(income / 4_800), 0.28)) * 0.88**age
    price = np.clip(np.rint(price / 100) * 100, 2_500, 120_000)
    down_share = np.clip(random.beta(1.3, 8.0, loans) * np.exp(0.2 * quality), 0, 0.6)
    down = np.rint(price * down_share / 50) * 50
    extras = random.random(loans) < 0.25
    amount = np.clip(np.rint((price - down + extras * 0.07 * price) / 50) * 50, 1_000, 120_000)
    wanted = 24 + 900 * amount / price / np.sqrt(income) + 0.0012 * amount + random.normal(0, 9, loans)
    term = TERMS[np.abs(wanted[:, None] - TERMS).argmin(axis=1)]

    payment = amount * (0.08 / 12) / (1 - (1 + 0.08 / 12) ** -term.astype(float))
    risk = (
        -0.85 * quality
        + 2.2 * (amount / price - 0.9)
        + 4.0 * np.maximum(payment / income - 0.10, 0)
        + 1.8 * debt_share
        + 0.22 * np.minimum(past_due, 4)
        - 0.25 * np.log1p(tenure / 24)
        + 0.5 * unemployed
        + 0.04 * age
        + 0.012 * (term - 48)
        + np.select([residence == "MORTGAGE", residence == "OWN", residence == "OTHER"], [-0.15, -0.2, 0.2], 0.0)
    )
    unpaid = random.random(loans) < 1 / (1 + np.exp(-(risk + _level(risk))))
    month = FIRST_MONTH + np.sort(random.integers(0, MONTHS, loans))
    return {
        "issue_d": month.astype("datetime64[D]").astype(str),
        "loan_status": np.where(unpaid, "Charged Off", "Fully Paid"),
        "monthly_income": income.round(2),
        "monthly_debt_payments": (income * debt_share).round(2),
        "months_at_employer": np.where(unemployed, "", np.minimum(tenure, 480).astype(int).astype(str)),
        "residence": residence,
        "vehicle_price": price,
        "vehicle_age": age,
        "down_payment": down,
        "requested_amount": amount,
        "term": np.char.add(term.astype(str), " months"),
        "credit_score": score.astype(int),
        "past_due_accounts": past_due,
    }


def _level(risk: np.ndarray) -> float:
    """The log-odds that, added to every risk, make BASE_RATE of the loans unpaid on average."""
    low, high = -20.0, 20.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        if np.mean(1 / (1 + np.exp(-(risk + middle)))) < BASE_RATE:
            low = middle
        else:
            high = middle
    return low


def write(file: Path, columns: dict[str, np.ndarray]) -> None:
    """Write the columns as CSV."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))


def main() -> None:
    """Write a file of loans, or of applications, which have neither date nor outcome."""
    parser = argparse.ArgumentParser(description="Simulate auto loans.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--loans", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--applications", action="store_true", help="leave out issue_d and loan_status")
    options = parser.parse_args()
    columns = simulate(options.loans, options.seed)
    if options.applications:
        columns = {name: column for name, column in columns.items() if name not in ("issue_d", "loan_status")}
    write(options.file, columns)
    sys.stdout.write(f"{options.loans:,} rows in {options.file}\n")


if __name__ == "__main__":
    main()
