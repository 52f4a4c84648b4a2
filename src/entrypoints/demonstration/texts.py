"""What the people of the simulated lender write."""

from collections.abc import Mapping, Sequence

NOTES = (
    "Called the employer; employment confirmed.",
    "Bank statements of three months show regular income.",
    "The applicant explains the recent inquiries: comparing offers of lenders.",
    "Debts agree with the credit report.",
)
INFORMATION_REQUESTS = (
    "Please send your last two pay slips.",
    "Please send a bank statement of the last three months.",
    "Please confirm your present address with a utility bill.",
)
INFORMATION_ANSWERS = (
    "Two pay slips received; income as stated.",
    "Bank statement received.",
    "Utility bill received; address confirmed.",
)
CONDITIONS = (
    "Proof of income before the loan is paid out.",
    "The card balances named in the application are paid from the loan.",
    "Confirmation of the bank account.",
)
DOCUMENTS = ("payslip", "bank statement", "employment confirmation")
RESOLUTIONS: Mapping[str, Sequence[str]] = {
    "INCOME_VERIFIED": ("Pay slips and bank statements agree with the stated income.",),
    "BUREAU_DATA_VERIFIED": ("The bureau corrected its data, and the new report agrees with the application.",),
    "COMPENSATING_FACTORS": (
        "Ten years with the same employer and savings of several instalments.",
        "The loan replaces dearer card debts, so that the monthly burden falls.",
    ),
    "AFFORDABLE_AT_OTHER_TERMS": ("The instalment of this loan fits the monthly budget.",),
    "RISK_TOO_HIGH": (
        "Debts grew in the last months, and income leaves little for another instalment.",
        "Utilization is high, and recent inquiries point to more borrowing.",
    ),
    "INCOME_NOT_VERIFIED": ("The documents show a lower income than stated.",),
    "BUREAU_DATA_NOT_VERIFIED": ("The bureau's data is disputed, and no correction is expected soon.",),
}
"""Texts by the code of the reason."""
SECOND_APPROVALS = (
    "Agreed: the documents support it.",
    "Agreed; the compensating factors are real.",
)
SECOND_REFUSALS = ("The compensating factors do not outweigh the debts. Please offer less, or decline.",)
QUALITY_REVIEWS = (
    "The file is complete, and the reason fits.",
    "Reasonable on the documents in the file.",
    "I would have asked for another bank statement, with the same result.",
)
APPLICANT_REVIEWS = (
    "I was between two jobs for a month. Please look at my file again.",
    "The card balances are paid off since last week. Please have a person look at this.",
)
APPLICANT_CORRECTIONS = (
    "I forgot the income from my second job.",
    "My income rose this year; I can send pay slips.",
)
