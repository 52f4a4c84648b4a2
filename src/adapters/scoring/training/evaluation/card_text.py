"""The model card as Markdown."""

from collections.abc import Iterator, Sequence
from typing import Any

from adapters.scoring.training.training_notes import CardTexts

_TITLES = {
    "out_of_time": "Out of time: trained on the older loans alone, tested on the recent ones",
    "recent_unseen": "Recent loans, as shipped: each judged by trees that did not see it",
    "all_unseen": "All loans, as shipped and weighted: each judged by trees that did not see it",
}


def card_text(card: dict[str, Any], texts: CardTexts) -> str:
    return "\n".join(_lines(card, texts)) + "\n"


def _lines(card: dict[str, Any], texts: CardTexts) -> Iterator[str]:
    data, recent = card["data"], card["recent_loans"]
    exceptions = (
        [
            ("of these exceptions to credit policy", data["policy_exceptions_used"]),
            ("exceptions that went bad", data["policy_exceptions_bad"]),
        ]
        if data["policy_exceptions_used"]
        else []
    )
    yield f"# Model card: {card['model']['name']} {card['model']['version']}"
    yield from ("", card["intended_use"], "")
    for warning in card["warnings"]:
        yield from (f"**Warning.** {warning}", "")
    yield from ("## Data", "", data["source"] + ".", "", *_file(data))
    yield from _table(
        ("", "loans"),
        [
            ("read", data["read"]),
            ("left out: unfinished (current, late, in grace)", data["left_out_unfinished"]),
            (f"left out: {texts.incomplete}", data["left_out_incomplete"]),
            ("used", data["used"]),
            ("of these bad (charged off or default)", data["bad"]),
            *exceptions,
        ],
    )
    issued = f"Issued from {data['issued_from']} to {data['issued_to']}."
    if exceptions:
        yield f"{issued} Exceptions to credit policy are in training:"
        yield (
            "they show how risk rises where policy stops, and without them the ranking is slightly worse (below)."
        )
    else:
        yield issued
    yield from ("", "## Trees", "", _settings(card["model"], texts), "", "## Recent loans", "")
    if recent["tried"]:
        yield f"Recent loans count {recent['count_times']:g} times: the least log loss in cross-validation inside"
        yield from ("the recent period, older loans always in training.", "")
        rows = [(f"{row['times']:g}", f"{row['auc']:.4f}", f"{row['log_loss']:.5f}") for row in recent["tried"]]
        yield from _table(("times", "AUC", "log loss"), rows)
    else:
        yield "Too few loans in one of the periods to weigh them against each other."
    for name, figures in card["measures"].items():
        yield from ("", f"## {_TITLES[name]}", "")
        yield from _figures(figures, texts) if figures else ("Not measured: too few loans.",)
    yield from ("", "## Limits", "", *(f"- {limit}" for limit in card["limits"]))
    yield from ("", "## Fairness", "", card["fairness"])


def _file(data: dict[str, Any]) -> Iterator[str]:
    if "file" in data:
        file = data["file"]
        yield f"File `{file['name']}`, SHA-256 `{file['sha256']}`:"
        yield f"{file['rows']:,} rows, of which {file['rows_rejected']:,} could not be read."
        yield ""


def _settings(model: dict[str, Any], texts: CardTexts) -> str:
    settings = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in model["trees"].items())
    return (
        f"LightGBM: {settings}; seed {model['seed']}. Monotone in everything but {texts.unconstrained}."
        " Calibrated after Platt on log-odds of trees that did not see the loan."
    )


def _figures(figures: dict[str, Any], texts: CardTexts) -> Iterator[str]:
    low, high = figures["auc_95"]
    gap = abs(figures["mean_pd"] - figures["bad_rate"])
    rows = [
        ("loans", f"{figures['loans']:,}, {figures['bad']:,} bad"),
        ("AUC, 95 % interval", f"{figures['auc']:.3f} ({low:.3f} to {high:.3f})"),
        ("Gini", f"{figures['gini']:.3f}"),
        ("KS", f"{figures['ks']:.3f}"),
        ("Brier", f"{figures['brier']:.4f}"),
        (
            "mean PD, bad rate",
            f"{figures['mean_pd']:.2%}, {figures['bad_rate']:.2%}: {100 * gap:.2f} points apart",
        ),
    ]
    if "trained_on" in figures:
        trained, tested = figures["trained_on"], figures["tested_on"]
        rows.insert(0, ("trained on", f"{trained['from']} to {trained['to']}, {trained['loans']:,} loans"))
        rows.insert(1, ("tested on", f"{tested['from']} to {tested['to']}, {tested['loans']:,} loans"))
        others = ", ".join(f"{rank:.3f}" for rank in figures["auc_of_other_seeds"])
        rows.append(("AUC with other seeds", others))
        if trained["policy_exceptions"]:
            rows.append(("AUC without policy exceptions", f"{figures['without_policy_exceptions']:.3f}"))
    if "auc_of_the_rate_charged" in figures:
        rows.append((texts.rate_charged, f"{figures['auc_of_the_rate_charged']:.3f}"))
    yield from _table(("", ""), rows)
    shown = [
        (row["decile"], row["loans"], f"{row['mean_pd']:.1%}", f"{row['bad_rate']:.1%}")
        for row in figures["deciles"]
    ]
    yield from _table(("tenth of PD", "loans", "mean PD", "bad rate"), shown)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) + " |"
    yield ""
