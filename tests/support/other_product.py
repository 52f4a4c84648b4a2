"""A second, small product: other fields and terms, an ordinal and an optional choice, a range, no purpose."""

from domain.products.fields import ChoiceField, NumberField
from domain.products.levers import Lever, LeverKind
from domain.products.product_definition import ProductDefinition
from domain.products.quantities import Characteristic, Measure

BOAT_LOAN = ProductDefinition(
    name="boat_loan",
    version="3",
    label="Boat loan",
    fields=(
        NumberField(
            "monthly_income", "Monthly income", "$ per month", 0, 90_000, "After tax.", "You", aliases=("Salary",)
        ),
        ChoiceField(
            "experience",
            "Sailing experience",
            ("none", "1 to 5 years", "over 5 years"),
            "As skipper.",
            "You",
            numbers=(0, 3, 6),
            labels=("None", "1 to 5 years", "Over 5 years"),
        ),
        ChoiceField(
            "guarantor", "Guarantor", ("PARENT", "SPOUSE"), "Who guarantees the loan.", "You", optional=True
        ),
        NumberField(
            "savings",
            "Savings",
            "$",
            0,
            5_000_000,
            "Leave blank if none.",
            "You",
            optional=True,
            if_missing="None",
        ),
        NumberField("price", "Price", "$", 500, 50_000, "Of the boat.", "The boat"),
        ChoiceField(
            "duration", "Duration", ("12 months", "24 months"), "Of the loan.", "The boat", numbers=(12, 24)
        ),
        NumberField(
            "length_least",
            "Shortest",
            "m",
            2.5,
            30,
            "",
            "The boat",
            range_label="Length",
            aliases=("length",),
        ),
        NumberField(
            "length_most", "Longest", "m", 2.5, 30, "", "The boat", not_below="length_least", usual_width=0.5
        ),
    ),
    amount="price",
    term="duration",
    purpose=None,
    derived=(),
    characteristics=(
        Characteristic("monthly_income", -1, "INCOME"),
        Characteristic("experience", 0, "EXPERIENCE"),
        Characteristic("guarantor", 0, "GUARANTOR"),
        Characteristic("savings", -1, "SAVINGS"),
        Characteristic("price", 1, "AMOUNT"),
        Characteristic("duration", 1, "TERM"),
    ),
    measures=(
        Measure("price", "amount", "Price", "$"),
        Measure("instalment to income", "instalment / monthly_income", "Payment-to-income", "%"),
    ),
    reasons={
        "INCOME": "Level of income",
        "EXPERIENCE": "Sailing experience",
        "GUARANTOR": "No guarantor",
        "SAVINGS": "Level of savings",
        "AMOUNT": "Amount requested",
        "TERM": "Length of the term",
        "PAYMENTS": "Payments are too large for the income",
    },
    levers=(
        Lever("price", LeverKind.SMALLER_AMOUNT, immediate=True),
        Lever("duration", LeverKind.OTHER_CHOICE, immediate=True, label="duration"),
        Lever("savings", LeverKind.STEPS_UP, immediate=False, step=1000, maximum=100_000),
    ),
    example={
        "monthly_income": 3200.0,
        "experience": "1 to 5 years",
        "savings": 4000.0,
        "price": 9000.0,
        "duration": "24 months",
        "length_least": 7.5,
        "length_most": 8.0,
    },
)
