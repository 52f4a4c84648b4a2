"""Responses on decisions. Names of the original contract are fixed: members may be added, none renamed."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, field

from domain.applications.superseding import REASONS
from entrypoints.api.decisions.final_decisions import FinalDecisionSummary
from entrypoints.api.decisions.loan_application_body import Contributions, Identity, LoanApplicationBody
from entrypoints.api.http.responses import Synthetic, Timestamp

_EXPLAINED = "Absent for roles that may not see what drove a decision, such as service."
_APART = "Null for decisions that were recorded before the two were kept apart."
_ALONE = "Absent in lists, and for trial runs."
_Outcome = Literal["approved", "referred", "declined"]
_FinalOutcome = Annotated[
    Literal["approved", "declined", "counter_offer"] | None,
    Meta(
        description="A person's outcome if a person decided, else the system's; null while a referred decision "
        "waits for a person.",
    ),
]
_SUPERSEDES = "The earlier decision on the same application that this one superseded."
_SupersedesReason = Annotated[
    Literal[REASONS],  # type: ignore[valid-type] # a tuple of words
    Meta(description="Why the application was decided again."),
]
_DecisionId = Annotated[UUID, Meta(description="Identifies the decision.")]
_DecidedAt = Annotated[Timestamp, Meta(description="When the decision was made, UTC.")]
_AnnualRate = Annotated[float, Meta(description="Annual interest rate of the grade; 0.12 is 12 %.")]
_Instalment = Annotated[float, Meta(description="Monthly payment in dollars at that rate.")]
_Related = Annotated[
    list[UUID],
    Meta(
        description="Other decisions of the applicant for the same product that the policy looked at: recent ones "
        "and accepted loans, newest first, at most 20. Absent without any, and for roles that see their own "
        "decisions only."
    ),
]
_ModelFingerprint = Annotated[str, Meta(description="SHA-256 of the model's bundle, hexadecimal.")]


class Reason(Struct, frozen=True):
    """A principal reason for an outcome other than approval, as it must be stated to the applicant."""

    code: Annotated[str, Meta(description="Does not change between versions.", examples=["OBLIGATIONS"])]
    text: Annotated[str, Meta(examples=["Existing debt payments in relation to income"])]


class Interval(Struct, frozen=True):
    """The 90 % confidence interval of the probability of default."""

    low: float
    high: float


class Alternative(Struct, frozen=True):
    """A loan at another term that the policy would approve, up to the requested amount; not an offer."""

    amount: Annotated[float, Meta(description="In dollars.", examples=[8_000.0])]
    term: Annotated[str, Meta(description="As in a request.", examples=["36 months"])]
    annual_rate: _AnnualRate
    instalment: _Instalment


class Prediction(Struct, frozen=True):
    """The model's prediction and the policy's decision."""

    prediction: Annotated[
        Literal[0, 1],
        Meta(description="1 if default is predicted: the PD is at or above the decline cut-off. Otherwise 0."),
    ]
    probability: Annotated[
        float, Meta(description="Probability that the loan is repaid, 1 - PD.", examples=[0.91])
    ]
    confidence: Annotated[
        Literal["high", "medium", "low"],
        Meta(
            description="Of the outcome. high: outcome_stability is at least 0.95; medium: at least 0.75; else "
            "low; at most medium outside the training population. Under policies before schema 3, of the score "
            "alone: high if the PD's interval lies on one side of both cut-offs, medium between them."
        ),
    ]
    recommended_amount: Annotated[
        float,
        Meta(description="Largest amount in dollars, up to the requested one, approved at this term; 0 if none."),
    ]
    risk_score: Annotated[float, Meta(description="100 * PD.", examples=[9.0])]
    model_version: str
    probability_of_default: Annotated[
        float, Meta(description="PD: probability that the loan is charged off or defaults within its term.")
    ]
    probability_of_default_interval: Interval
    outcome: _Outcome
    score_points: Annotated[int, Meta(description="600 at odds of 50 to 1; 20 points double the odds.")]
    grade: str
    reasons: Annotated[
        list[Reason],
        Meta(
            description="Up to four; none for an approval. First reasons from rules in the policy's order, then "
            "reasons from the score in order of weight."
        ),
    ]
    rule_reasons: Annotated[
        list[Reason] | None, Meta(description=f"Those of the reasons that rules give. {_APART}")
    ]
    score_reasons: Annotated[
        list[Reason] | None, Meta(description=f"Those of the reasons that the score gives. {_APART}")
    ]
    failed_rules: Annotated[list[str], Meta(description="Every rule of the policy that failed.")]
    policy_version: str
    decision_id: Annotated[UUID, Meta(description="The same as request_id.")]
    out_of_domain: Annotated[list[str], Meta(description="Fields outside the training population.")]
    annual_rate: _AnnualRate
    instalment: _Instalment
    outcome_stability: Annotated[
        float | None,
        Meta(
            description="Probability, from 0 to 1, that the outcome, rules included, would be the same under a "
            "refitted model; 1 where a declining rule decides. Null under policies before schema 3.",
            examples=[0.97],
        ),
    ]
    alternative: Annotated[
        Alternative | None,
        Meta(description="If no amount passes at the requested term, the largest at another one; else null."),
    ]
    log_odds: Annotated[float, Meta(description=f"ln(PD / (1 - PD)). {_EXPLAINED}")] | UnsetType = UNSET
    base: (
        Annotated[float, Meta(description=f"Log-odds before any characteristic counts. {_EXPLAINED}")] | UnsetType
    ) = UNSET
    contributions: Contributions | UnsetType = UNSET


class DecisionResponse(Struct, frozen=True):
    """A new decision, recorded."""

    success: Annotated[bool, Meta(description="Always true; failures are problems.")]
    prediction: Prediction
    processing_time_ms: Annotated[float, Meta(description="From reading the request to this response.")]
    request_id: _DecisionId
    timestamp: _DecidedAt
    identity: (
        Annotated[Identity, Meta(description="The caller's own data, as far as it was given.")] | UnsetType
    ) = UNSET
    related_decisions: _Related | UnsetType = UNSET
    supersedes: Annotated[UUID, Meta(description=_SUPERSEDES)] | UnsetType = UNSET
    supersedes_reason: _SupersedesReason | UnsetType = UNSET


class ProductVersion(Struct, frozen=True):
    """The product that a decision was made on, whose fields its application has."""

    name: Annotated[str, Meta(examples=["personal_loan"])]
    version: str


class RecordedDecision(Struct, frozen=True):
    """A recorded decision with its application."""

    prediction: Prediction
    request_id: _DecisionId
    timestamp: _DecidedAt
    application: LoanApplicationBody
    requested_by: Annotated[str, Meta(description="The user who requested the decision.")]
    channel: Annotated[
        str,
        Meta(
            description="The same as received_through. The caller's own channel is a member of the application.",
            examples=["api", "web", "batch"],
        ),
    ]
    model_fingerprint: _ModelFingerprint
    product: ProductVersion
    received_through: Annotated[
        str, Meta(description="How the application arrived.", examples=["api", "web", "file", "batch"])
    ]
    trial: Annotated[bool, Meta(description="Whether the decision was made to try something.")]
    synthetic: Synthetic
    final_outcome: _FinalOutcome
    related_decisions: _Related | UnsetType = UNSET
    application_id: (
        Annotated[UUID, Meta(description=f"The first decision on the same application. {_ALONE}")] | UnsetType
    ) = UNSET
    application_state: (
        Annotated[
            Literal["approved", "counter_offer", "referred", "declined", "accepted", "withdrawn", "expired"],
            Meta(description=f"Where the application is in its life. {_ALONE}"),
        ]
        | UnsetType
    ) = UNSET
    expires_at: (
        Annotated[Timestamp | None, Meta(description=f"When the offer expires; null without one. {_ALONE}")]
        | UnsetType
    ) = UNSET
    supersedes: Annotated[UUID | None, Meta(description=f"{_SUPERSEDES} Null if it is the first.")] = None
    supersedes_reason: _SupersedesReason | None = None
    superseded_by: Annotated[
        UUID | None, Meta(description="The decision that superseded this one; null for the newest.")
    ] = None
    final_decision: (
        Annotated[
            FinalDecisionSummary | None,
            Meta(description="The last decision of a person, null if none; absent in lists."),
        ]
        | UnsetType
    ) = UNSET


class Difference(Struct, frozen=True):
    """A field in which the reproduction differs from the record."""

    field: Annotated[str, Meta(examples=["prediction.pd.value"])]
    recorded: str
    reproduced: str


class ReproductionResponse(Struct, frozen=True):
    """A decision made again with its own model and policy, compared with the record bit for bit."""

    decision_id: _DecisionId
    identical: Annotated[bool, Meta(description="Whether the two are equal to the last bit.")]
    fields_compared: int
    differences: list[Difference]
    model_version: str
    model_fingerprint: _ModelFingerprint
    policy_version: str
    policy_fingerprint: Annotated[
        str, Meta(description="SHA-256 of the policy's document; empty in records of the first release.")
    ]


class ProposedChange(Struct, frozen=True):
    """A field of the application, its value, and the value that the change proposes."""

    field: str
    given: int | float | str
    instead: int | float | str


class Counterfactual(Struct, frozen=True):
    """One change, or two together, that would lead to approval, and the terms of that loan."""

    changes: Annotated[list[ProposedChange], Meta(min_length=1, max_length=2)]
    probability_of_default: float
    grade: str
    annual_rate: _AnnualRate
    instalment: _Instalment


class CounterfactualResponse(Struct, frozen=True):
    """The smallest changes that the decision's own model and policy would approve; not an offer."""

    decision_id: _DecisionId
    outcome: _Outcome
    counterfactuals: list[Counterfactual]
    note: Annotated[str, Meta(description="What the list means, in words.")]
    model_version: str
    policy_version: str


class UnreadableDecision(Struct, frozen=True):
    """A decision of the page whose stored document cannot be read."""

    decision_id: _DecisionId
    timestamp: _DecidedAt
    requested_by: Annotated[str, Meta(description="The user who requested the decision.")]
    document_digest: Annotated[
        str | None, Meta(description="SHA-256 of the stored document, hexadecimal; null if not available.")
    ]
    problem: Annotated[str, Meta(examples=["it is not valid JSON (Input data was truncated)"])]


class DecisionList(Struct, frozen=True):
    """A page of decisions in the order asked for."""

    decisions: list[RecordedDecision]
    next_cursor: Annotated[str | None, Meta(description="The cursor of the next page; null on the last.")]
    total: Annotated[int, Meta(description="Decisions that match the filters; 10,000 means 10,000 or more.")]
    unreadable: Annotated[
        list[UnreadableDecision],
        Meta(description="Decisions of this page whose stored document cannot be read; usually none."),
    ] = field(default_factory=list)
