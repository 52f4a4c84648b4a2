"""What the API answers with. The names of the original contract are fixed; more may be added, none renamed."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from entrypoints.api.decisions.loan_application_body import LoanApplicationBody

_EXPLAINED = "Absent for callers whose role may not see what drove a decision: services."


class Reason(Struct, frozen=True):
    """A principal reason for an outcome other than approval, as it must be stated to the applicant."""

    code: Annotated[str, Meta(description="Stable across versions.", examples=["OBLIGATIONS"])]
    text: Annotated[str, Meta(examples=["Existing debt payments in relation to income"])]


class Interval(Struct, frozen=True):
    """Where the probability of default lies with 90 % confidence."""

    low: float
    high: float


class Contributions(Struct, frozen=True):
    """What each characteristic adds to the base, in log-odds; with it they add up to `log_odds`.

    Absent for callers whose role may not see what drove a decision: services.
    """

    annual_inc: float
    emp_length: float
    home_ownership: float
    loan_amnt: float
    term: float
    purpose: float
    fico_range_low: float
    dti: float
    revol_util: float
    inq_last_6mths: float
    delinq_2yrs: float
    pub_rec: float


class Prediction(Struct, frozen=True):
    """What the model predicts and the policy decides."""

    prediction: Annotated[
        Literal[0, 1], Meta(description="1 when default is predicted: the PD is at or above the decline cut-off.")
    ]
    probability: Annotated[float, Meta(description="That the loan is repaid: 1 - PD.", examples=[0.91])]
    confidence: Annotated[
        Literal["high", "medium", "low"],
        Meta(
            description="Of the score, whatever rules say. high: the PD's whole interval lies on one side of both "
            "cut-offs; medium: between them; low: it straddles one, or the applicant lies outside the population "
            "the model knows."
        ),
    ]
    recommended_amount: Annotated[
        float, Meta(description="$; the most, up to what was asked, that would be approved at this term; 0: none.")
    ]
    risk_score: Annotated[float, Meta(description="100 * PD.", examples=[9.0])]
    model_version: str
    probability_of_default: Annotated[
        float, Meta(description="PD: that the loan is charged off or defaults within its term.")
    ]
    probability_of_default_interval: Interval
    outcome: Literal["approved", "referred", "declined"]
    score_points: Annotated[int, Meta(description="600 at odds of 50 to 1; 20 points double the odds.")]
    grade: str
    reasons: Annotated[
        list[Reason],
        Meta(
            description="At most four; none for an approval. Of rules in the policy's order, of the score the "
            "weightiest first."
        ),
    ]
    failed_rules: Annotated[list[str], Meta(description="Every rule of the policy that was not met.")]
    policy_version: str
    decision_id: Annotated[UUID, Meta(description="The same as request_id.")]
    out_of_domain: Annotated[
        list[str], Meta(description="Fields outside the population the model was trained on.")
    ]
    annual_rate: Annotated[float, Meta(description="Of the grade; 0.12 is 12 %.")]
    instalment: Annotated[float, Meta(description="$ a month on the amount asked for, at that rate.")]
    log_odds: Annotated[float, Meta(description=f"ln(PD / (1 - PD)). {_EXPLAINED}")] | UnsetType = UNSET
    base: (
        Annotated[float, Meta(description=f"The log-odds before anything is known of the applicant. {_EXPLAINED}")]
        | UnsetType
    ) = UNSET
    contributions: Contributions | UnsetType = UNSET


class DecisionResponse(Struct, frozen=True):
    """A decision, just made and on record."""

    success: Literal[True]
    prediction: Prediction
    processing_time_ms: Annotated[float, Meta(description="From reading the request to this answer.")]
    request_id: Annotated[UUID, Meta(description="Identifies the decision.")]
    timestamp: Annotated[datetime, Meta(description="When it was decided, UTC.")]


class RecordedDecision(Struct, frozen=True):
    """A decision on record, with what was asked and by whom."""

    prediction: Prediction
    request_id: Annotated[UUID, Meta(description="Identifies the decision.")]
    timestamp: Annotated[datetime, Meta(description="When it was decided, UTC.")]
    application: LoanApplicationBody
    requested_by: str
    channel: Annotated[str, Meta(description="Through which face it came.", examples=["api", "web", "batch"])]
    model_fingerprint: Annotated[str, Meta(description="SHA-256 of the model's bundle, hexadecimal.")]


class Difference(Struct, frozen=True):
    """A field that came out otherwise when the decision was made again."""

    field: Annotated[str, Meta(examples=["prediction.pd.value"])]
    recorded: str
    reproduced: str


class ReproductionResponse(Struct, frozen=True):
    """A decision made again with the model and the policy that made it, compared with the record bit for bit."""

    decision_id: UUID
    identical: Annotated[bool, Meta(description="Whether not one bit differs.")]
    fields_compared: int
    differences: list[Difference]
    model_version: str
    model_fingerprint: Annotated[str, Meta(description="SHA-256 of the model's bundle, hexadecimal.")]
    policy_version: str
    policy_fingerprint: Annotated[
        str, Meta(description="SHA-256 of the policy's document; empty in records of the first release.")
    ]


class ProposedChange(Struct, frozen=True):
    """A field of the application, what stands in it, and what would have to stand in it instead."""

    field: Annotated[str, Meta(examples=["loan_amnt"])]
    given: int | float | str
    instead: int | float | str


class Counterfactual(Struct, frozen=True):
    """One change, or two together, under which policy would approve the loan, and what it would then be."""

    changes: Annotated[list[ProposedChange], Meta(min_length=1, max_length=2)]
    probability_of_default: float
    grade: str
    annual_rate: Annotated[float, Meta(description="0.109 is 10.9 % a year.")]
    instalment: Annotated[float, Meta(description="Dollars a month.")]


class CounterfactualResponse(Struct, frozen=True):
    """The smallest changes that the decision's own model and policy would approve: no promise and no offer."""

    decision_id: UUID
    outcome: Literal["approved", "referred", "declined"]
    counterfactuals: list[Counterfactual]
    note: Annotated[str, Meta(description="What the list means, in words.")]
    model_version: str
    policy_version: str


class DecisionList(Struct, frozen=True):
    """One page of decisions, newest first."""

    decisions: list[RecordedDecision]
    next_cursor: Annotated[str | None, Meta(description="Leads to the next page; null on the last.")]
    total: Annotated[int, Meta(description="How many match the filters; 10,000 means that many or more.")]


class TokenResponse(Struct, frozen=True):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: Annotated[int, Meta(description="Seconds.", examples=[3600])]


class LivenessResponse(Struct, frozen=True):
    """The process answers."""

    status: Literal["alive"]
    version: str


class DependencyStatus(Struct, frozen=True):
    """One thing the service stands on."""

    name: Annotated[str, Meta(examples=["database"])]
    status: Literal["up", "down"]


class ReadinessResponse(Struct, frozen=True):
    """Whether decisions can be asked for here, and how each thing the service stands on does.

    `ready` also while the cache alone is down; `leaving`: this process stops soon, turn to another.
    """

    status: Literal["ready", "not ready", "leaving"]
    dependencies: list[DependencyStatus]
