"""The personal loan: an instalment loan to a person, with the thirteen fields of LendingClub's files.

Names and formats are those of the files.
"""

from domain.products.fields import ChoiceField, JointApplications, NumberField
from domain.products.levers import Lever, LeverKind
from domain.products.plausibility import PlausibilityCheck
from domain.products.product_definition import ProductDefinition
from domain.products.quantities import Characteristic, DerivedQuantity, Measure

_APPLICANT, _LOAN, _REPORT = "Applicant details", "Loan request", "Credit report"

_FIELDS = (
    NumberField(
        "annual_inc",
        "Annual income",
        "$ per year",
        0,
        100_000_000,
        "Before tax. For a joint application, household income.",
        _APPLICANT,
        joint_column="annual_inc_joint",
    ),
    ChoiceField(
        "emp_length",
        "Length of employment",
        ("< 1 year", "1 year", *(f"{years} years" for years in range(2, 10)), "10+ years", "n/a"),
        "Years with current employer; n/a if not provided.",
        _APPLICANT,
        numbers=(*range(11), None),
        labels=(
            "< 1 year",
            "1 year",
            *(f"{years} years" for years in range(2, 10)),
            "10+ years",
            "n/a (not provided)",
        ),
    ),
    ChoiceField(
        "home_ownership",
        "Home ownership",
        ("MORTGAGE", "RENT", "OWN", "OTHER", "NONE", "ANY"),
        "Applicant's housing status.",
        _APPLICANT,
        labels=("Mortgage", "Rent", "Owned outright", "Other", "None", "Any"),
    ),
    NumberField("loan_amnt", "Requested amount", "$", 1, 1_000_000, "Amount the applicant requests.", _LOAN),
    ChoiceField(
        "term",
        "Repayment term",
        ("36 months", "60 months"),
        "Time over which the loan is repaid.",
        _LOAN,
        numbers=(36, 60),
    ),
    ChoiceField(
        "purpose",
        "Loan purpose",
        (
            "debt_consolidation",
            "credit_card",
            "home_improvement",
            "major_purchase",
            "small_business",
            "car",
            "wedding",
            "medical",
            "moving",
            "house",
            "educational",
            "vacation",
            "renewable_energy",
            "other",
        ),
        "Main use of the loan.",
        _LOAN,
        labels=(
            "Debt consolidation",
            "Credit card",
            "Home improvement",
            "Major purchase",
            "Small business",
            "Car",
            "Wedding",
            "Medical",
            "Moving",
            "House",
            "Educational",
            "Vacation",
            "Renewable energy",
            "Other",
        ),
    ),
    NumberField(
        "fico_range_low",
        "FICO score (low)",
        "points",
        300,
        850,
        "From the credit report.",
        _REPORT,
        whole=True,
        range_label="FICO score",
    ),
    NumberField(
        "fico_range_high",
        "FICO score (high)",
        "points",
        300,
        850,
        "Must be at least the low score. Ranges usually span five points.",
        _REPORT,
        whole=True,
        not_below="fico_range_low",
        usual_width=4,
        if_below="Must be at least the low score",
    ),
    NumberField(
        "dti",
        "Debt-to-income ratio",
        "%",
        0,
        999,
        "Monthly debt payments as % of gross income, before this loan.",
        _REPORT,
        joint_column="dti_joint",
    ),
    NumberField(
        "revol_util",
        "Revolving utilization",
        "%",
        0,
        1000,
        "Card balances as % of limits. Leave blank if no revolving credit; that counts as usual utilization.",
        _REPORT,
        optional=True,
        if_missing="No revolving credit (counts as usual)",
        neutral_if_missing=True,
    ),
    NumberField(
        "inq_last_6mths",
        "Inquiries",
        "in 6 months",
        0,
        100,
        "Credit inquiries by lenders.",
        _REPORT,
        whole=True,
        optional_in_training=True,
    ),
    NumberField(
        "delinq_2yrs",
        "Delinquencies",
        "in 2 years",
        0,
        100,
        "Payments 30 or more days past due.",
        _REPORT,
        whole=True,
        optional_in_training=True,
    ),
    NumberField(
        "pub_rec",
        "Public records",
        "records",
        0,
        100,
        "Bankruptcies, liens, judgments.",
        _REPORT,
        whole=True,
        optional_in_training=True,
    ),
)
"""LendingClub's loans of early 2007 have no bureau counts; a model can be trained on them nevertheless."""

_CHARACTERISTICS = (
    Characteristic("annual_inc", -1, "INCOME"),
    Characteristic("emp_length", 0, "LENGTH_OF_EMPLOYMENT", reason_direction=-1),
    Characteristic("home_ownership", 0, "HOME_OWNERSHIP"),
    Characteristic("loan_amnt", 1, "AMOUNT_REQUESTED"),
    Characteristic("term", 1, "TERM_REQUESTED"),
    Characteristic("purpose", 0, "PURPOSE"),
    Characteristic("fico_range_low", -1, "CREDIT_BUREAU_SCORE"),
    Characteristic("dti", 1, "OBLIGATIONS"),
    Characteristic("revol_util", 1, "REVOLVING_CREDIT"),
    Characteristic("inq_last_6mths", 1, "INQUIRIES"),
    Characteristic("delinq_2yrs", 1, "DELINQUENCIES"),
    Characteristic("pub_rec", 1, "PUBLIC_RECORDS"),
)
"""The high end of the FICO range is not an input, because the files fix it at four points above the low end."""

_MEASURES = (
    Measure("annual income", "annual_inc", "Annual income", "$"),
    Measure(
        "loan amount",
        "amount",
        "Requested amount",
        "$",
        above="Above the maximum loan of {limit}",
        below="Below the minimum loan of {limit}",
    ),
    Measure("loan to income", "amount / income", "Loan-to-income", "%"),
    Measure(
        "debt to income after",
        "dti / 100 + 12 * instalment / income",
        "Debt-to-income with this loan",
        "%",
        above="Debt-to-income above {limit}",
    ),
    Measure("FICO", "fico_range_low", "FICO score"),
    Measure("delinquencies in two years", "delinq_2yrs", "Delinquencies in two years"),
    Measure("public records", "pub_rec", "Public records"),
)

_REASONS = {
    "INCOME": "Level of income",
    "LENGTH_OF_EMPLOYMENT": "Length of employment",
    "HOME_OWNERSHIP": "Home ownership status",
    "AMOUNT_REQUESTED": "Amount of credit requested",
    "TERM_REQUESTED": "Length of the repayment term requested",
    "PURPOSE": "Purpose of the loan",
    "CREDIT_BUREAU_SCORE": "Credit history as summarised by the credit bureau's score",
    "OBLIGATIONS": "Existing debt payments in relation to income",
    "REVOLVING_CREDIT": "Share of available revolving credit in use",
    "INQUIRIES": "Number of recent inquiries on the credit bureau report",
    "DELINQUENCIES": "Recent delinquencies on credit obligations with others",
    "PUBLIC_RECORDS": "Public records of bankruptcy, lien or judgment",
    "INCOME_BELOW_MINIMUM": "Income is below the minimum for this loan",
    "AMOUNT_TOO_LARGE_FOR_INCOME": "Income is insufficient for the amount of credit requested",
    "EXCESSIVE_OBLIGATIONS": "Debt payments including this loan are excessive in relation to income",
    "BUREAU_SCORE_BELOW_MINIMUM": "Credit bureau score is below the minimum for this loan",
    "TOO_MANY_DELINQUENCIES": "Too many recent delinquencies on credit obligations with others",
    "TOO_MANY_PUBLIC_RECORDS": "Too many public records of bankruptcy, lien or judgment",
    "AMOUNT_OUTSIDE_PRODUCT": "Amount of credit requested is not one offered with this loan",
}

_LEVERS = (
    Lever(
        "loan_amnt",
        LeverKind.SMALLER_AMOUNT,
        immediate=True,
        label="amount",
        change="a loan of {instead} instead of {given}",
    ),
    Lever(
        "term",
        LeverKind.OTHER_CHOICE,
        immediate=True,
        label="term",
        change="a term of {instead} instead of {given}",
    ),
    Lever(
        "revol_util",
        LeverKind.WHOLE_NUMBERS_BELOW,
        immediate=True,
        label="revolving utilization",
        change="revolving utilization of {instead} instead of {given}",
    ),
    Lever(
        "dti",
        LeverKind.WHOLE_NUMBERS_BELOW,
        immediate=True,
        label="debt-to-income ratio",
        change="a debt-to-income ratio of {instead} instead of {given}",
    ),
    Lever(
        "inq_last_6mths",
        LeverKind.WHOLE_NUMBERS_BELOW,
        immediate=False,
        label="inquiries",
        change="{instead} credit inquiries in six months instead of {given}",
        to_one="{instead} credit inquiry in six months instead of {given}",
        to_zero="no credit inquiries in six months instead of {given}",
        remark="Inquiries drop off after six months.",
    ),
    Lever(
        "fico_range_low",
        LeverKind.STEPS_UP,
        immediate=False,
        step=5,
        maximum=850,
        partner="fico_range_high",
        label="FICO score",
        change="a FICO score of {instead} instead of {given}",
        remark="Scores improve over months with on-time payments and lower balances.",
    ),
)
"""First what the applicant requests, last what takes longest.

By paying down debt the applicant lowers utilization and debt-to-income ratio. Over months, inquiries drop out of
the count and the FICO score improves, in bands of five points.

Delinquencies and public records are not levers, because they are in the past. Neither are income, employment
length, home ownership and purpose: naming the value that would be approved would invite a false declaration.
"""

_PLAUSIBILITY = (
    PlausibilityCheck(
        "annual_inc",
        "annual_inc",
        "Is this in thousands of dollars? Enter whole dollars per year.",
        below=1_000,
    ),
    PlausibilityCheck(
        "annual_inc",
        "annual_inc",
        "Is this the income of one month? Enter the income of a whole year.",
        above=999.99,
        below=12_000,
    ),
    PlausibilityCheck(
        "annual_inc", "annual_inc", "Is there a digit too many? Enter dollars per year.", above=1_000_000
    ),
    PlausibilityCheck(
        "loan_amnt", "amount - annual_inc", "The amount is more than the applicant's annual income.", above=0
    ),
    PlausibilityCheck(
        "fico_range_high",
        "fico_range_high - fico_range_low",
        "The range is wider than 50 points. Ranges usually span five points.",
        above=50,
    ),
    PlausibilityCheck("dti", "dti", "Is this a fraction? Enter percent: 18 for 18 %, not 0.18.", above=0, below=1),
    PlausibilityCheck(
        "dti", "dti", "The debt payments are more than the income. Is the decimal point missing?", above=100
    ),
    PlausibilityCheck(
        "revol_util", "revol_util", "Is this a fraction? Enter percent: 35 for 35 %, not 0.35.", above=0, below=1
    ),
    PlausibilityCheck(
        "revol_util",
        "revol_util",
        "The balances are far above the limits. Is the decimal point missing?",
        above=150,
    ),
    PlausibilityCheck("inq_last_6mths", "inq_last_6mths", "This is unusually many in six months.", above=15),
    PlausibilityCheck("delinq_2yrs", "delinq_2yrs", "This is unusually many in two years.", above=12),
    PlausibilityCheck("pub_rec", "pub_rec", "This is unusually many.", above=10),
)
"""The API accepts such values as they are: some applicants do have them."""

EXAMPLE: dict[str, object] = {
    "annual_inc": 50000.0,
    "emp_length": "5 years",
    "home_ownership": "MORTGAGE",
    "loan_amnt": 10000.0,
    "term": "36 months",
    "purpose": "debt_consolidation",
    "fico_range_low": 700,
    "fico_range_high": 750,
    "dti": 15.5,
    "revol_util": 25.0,
    "inq_last_6mths": 2,
    "delinq_2yrs": 0,
    "pub_rec": 0,
}

PERSONAL_LOAN = ProductDefinition(
    name="personal_loan",
    version="1",
    label="Personal loan",
    fields=_FIELDS,
    amount="loan_amnt",
    term="term",
    purpose="purpose",
    derived=(DerivedQuantity("income", "annual_inc + (annual_inc < 1) * 1.0"),),
    characteristics=_CHARACTERISTICS,
    measures=_MEASURES,
    reasons=_REASONS,
    levers=_LEVERS,
    example=EXAMPLE,
    joint=JointApplications("application_type", ("joint", "joint app")),
    plausibility=_PLAUSIBILITY,
)
"""Version 1. An income below one dollar counts as one more dollar in ratios, so that they are finite and fail."""

SCHEMA_1_PATHS = {
    "annual_inc": ("annual_income", "cents"),
    "emp_length": ("employment_length",),
    "home_ownership": ("home_ownership",),
    "fico_range_low": ("credit_history", "fico", "low"),
    "fico_range_high": ("credit_history", "fico", "high"),
    "dti": ("credit_history", "debt_to_income"),
    "revol_util": ("credit_history", "revolving_utilisation"),
    "inq_last_6mths": ("credit_history", "inquiries_last_6_months"),
    "delinq_2yrs": ("credit_history", "delinquencies_last_2_years"),
    "pub_rec": ("credit_history", "public_records"),
}
"""Where the applicant's fields are in decisions of schema 1, which knew this product alone."""
