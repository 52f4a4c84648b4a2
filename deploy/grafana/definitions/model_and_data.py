"""Model and data: what the model predicts, how certain it is, and which versions are in use."""

from deploy.grafana.definitions.dashboard import CHANNEL, Dashboard, Row
from deploy.grafana.definitions.panels import (
    UP,
    Query,
    above,
    below,
    graph,
    heatmap,
    histogram,
    number,
    states,
    table,
)
from deploy.grafana.definitions.promql import CHANNELS, increase, mean, or_zero, quantile, rate, ratio, share

_PD = "scoring_probability_of_default"
_OUTSIDE = "scoring_decision_outside_population_total"
_DECISIONS = "scoring_decisions_total"
_CONFIDENCE = "scoring_decision_confidence_total"

MODEL_AND_DATA = Dashboard(
    identifier="model-and-data",
    title="Model and data",
    description="Distribution of predicted probabilities of default (PD), confidence, population and versions.",
    variables=[CHANNEL],
    rows=[
        Row(
            "In the time shown",
            [
                number(
                    "Mean PD, time shown",
                    "Mean predicted probability of default. Of the loans in training, 14 % defaulted.",
                    Query(
                        f"{increase(_PD + '_sum', CHANNELS)} / {increase(_PD + '_count', CHANNELS)}",
                        "mean",
                    ),
                    unit="percentunit",
                    width=6,
                ),
                number(
                    "Median PD",
                    "Half of all applicants have a lower PD. Interpolated between the limits of the buckets.",
                    Query(quantile(0.5, _PD, CHANNELS, over="$__range"), "median"),
                    unit="percentunit",
                    width=6,
                ),
                number(
                    "High confidence",
                    "Share of decisions whose interval of the PD lies within one outcome.",
                    Query(ratio(_CONFIDENCE, 'confidence="high"', CHANNELS, over="$__range"), "high"),
                    unit="percentunit",
                    width=6,
                ),
                number(
                    "Outside the population",
                    "Share of applicants outside the range seen in training. Normal is a few percent.",
                    Query(
                        f"({or_zero(increase(_OUTSIDE, CHANNELS))}) / {increase(_DECISIONS, CHANNELS)}",
                        "outside",
                    ),
                    unit="percentunit",
                    limits=above(0.1, 0.25),
                    width=6,
                ),
            ],
        ),
        Row(
            "Probability of default",
            [
                heatmap(
                    "PD over time",
                    "How many decisions had a PD in each bucket. The bands keep their place while the same kind "
                    "of people applies; a shift of all bands means other applicants, other data or another model.",
                    f"sum by (le) (increase({_PD}_bucket{{{CHANNELS}}}[$__rate_interval]))",
                    unit="percentunit",
                    width=16,
                    height=10,
                ),
                histogram(
                    "PD in the time shown",
                    "Decisions by PD: each bar is named by the upper limit of its bucket. Cut-offs of policy 1 "
                    "are 0.14 (approve below) and 0.21 (decline from).",
                    f"sum by (le) (increase({_PD}_bucket{{{CHANNELS}}}[$__range]))",
                    width=8,
                    height=10,
                ),
                graph(
                    "Mean PD",
                    "Mean PD over time, by channel. A drift over weeks is a reason to validate the model.",
                    Query(mean(_PD, CHANNELS, "channel"), "{{channel}}"),
                    unit="percentunit",
                    width=12,
                ),
                graph(
                    "Percentiles of the PD",
                    "Percentiles of the PD over time, interpolated between the limits of the buckets.",
                    *(
                        Query(quantile(part / 100, _PD, CHANNELS), f"{part}th percentile")
                        for part in (10, 25, 50, 75, 90)
                    ),
                    unit="percentunit",
                    width=12,
                ),
            ],
        ),
        Row(
            "Certainty",
            [
                graph(
                    "Confidence",
                    "Share of each confidence: high, the interval of the PD lies within one outcome; low, it "
                    "spans a cut-off or the applicant is outside the population.",
                    Query(share(_CONFIDENCE, CHANNELS, "confidence"), "{{confidence}}"),
                    unit="percentunit",
                    maximum=1,
                    stacked=True,
                    colors={"high": "green", "medium": "yellow", "low": "orange"},
                    width=12,
                ),
                graph(
                    "Outside the population by channel",
                    "Share of applicants outside the range seen in training. A rise in one channel points at its "
                    "data.",
                    Query(
                        f"({rate(_OUTSIDE, CHANNELS, 'channel')} or 0 * {rate(_DECISIONS, CHANNELS, 'channel')})"
                        f" / {rate(_DECISIONS, CHANNELS, 'channel')}",
                        "{{channel}}",
                    ),
                    unit="percentunit",
                    limits=above(0.1, 0.25),
                    width=12,
                ),
            ],
        ),
        Row(
            "Versions",
            [
                table(
                    "Versions in use",
                    "Model and policy of the running processes. Two versions at once are normal only during a "
                    "rollout.",
                    'count by (model_version, policy_version) (scoring_build_info{model_version!=""})',
                    "Processes",
                ),
                graph(
                    "Decisions by version",
                    "Share of decisions by model and policy.",
                    Query(
                        rate(_DECISIONS, CHANNELS, "model_version, policy_version"),
                        "model {{model_version}}, policy {{policy_version}}",
                    ),
                    unit="ops",
                    stacked=True,
                ),
                states(
                    "Model",
                    "Whether each process has a model that can predict. Normal is up.",
                    Query('min by (job) (scoring_dependency_up{dependency="model"})', "{{job}}"),
                    values=UP,
                    limits=below(1, 1),
                ),
            ],
        ),
    ],
)
