"""Decides portfolios by column: the domain's own functions applied to blocks of rows on all threads.

Policy and formulas are those of single decisions. Blocks are small enough to stay in the processor's cache.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from adapters.scoring.bundles.bundle import ModelBundle
from adapters.scoring.fixed_point import Floats
from adapters.scoring.portfolio.portfolio_block import DecidedBlock, DecisionBasis
from adapters.scoring.portfolio.portfolio_circumstances import facts_of, of_rows, with_report_age
from adapters.scoring.portfolio.portfolio_columns import encode_loans, input_columns, to_cents
from adapters.scoring.portfolio.portfolio_decisions import DecidedColumns
from adapters.scoring.portfolio.portfolio_reasons import failed_bits, reason_keys
from adapters.scoring.portfolio.portfolio_tables import PortfolioTables
from application.ports.batches.portfolio import PortfolioDecider
from domain.arithmetic import logistic
from domain.policies.circumstance_measures import Facts
from domain.policies.confidence import confidence_by_interval, confidence_by_stability
from domain.policies.outcome import Outcome
from domain.policies.policy_evaluation import PolicyEvaluation
from domain.policies.recommended_amount import largest_approved_amounts, recommended_amount
from domain.policies.scoring_policy import ScoringPolicy

BLOCK_ROWS = 8_192
"""Rows per block."""


class TablePortfolioDecider(PortfolioDecider):
    """Decides polars frames of accepted loans, as `loan_files` reads them, with a bundle and a policy.

    `cache_dir` stores compiled machine code; see `compiled_kernels`.
    """

    def __init__(
        self, bundle: ModelBundle, policy: ScoringPolicy, *, threads: int = 2, cache_dir: Path | None = None
    ) -> None:
        self._policy = policy
        self._manifest, self._product = bundle.manifest, bundle.product
        self._reference = np.array(bundle.reference.for_cut_off(policy.approve_below))
        self._tables = PortfolioTables(bundle, threads=1, cache_dir=cache_dir)
        self._threads = threads
        self._basis = DecisionBasis.of(bundle, policy)

    @property
    def max_in_flight(self) -> int:
        """One, since a chunk uses all threads."""
        return 1

    async def decide(self, loans: pl.DataFrame) -> DecidedColumns:
        """The decisions on these loans in their order."""
        return await asyncio.to_thread(self.decide_now, loans)

    def decide_now(self, loans: pl.DataFrame) -> DecidedColumns:
        """The same, synchronously."""
        loans = with_report_age(loans)
        encoded, facts = encode_loans(loans, self._product, self._manifest.categories), facts_of(loans)
        parts = [slice(start, start + BLOCK_ROWS) for start in range(0, max(1, len(encoded)), BLOCK_ROWS)]
        with ThreadPoolExecutor(self._threads) as pool:
            blocks = list(pool.map(lambda rows: self._block(encoded[rows], of_rows(facts, rows)), parts))
        return DecidedColumns(loans, DecidedBlock.joined(blocks), self._basis)

    def _block(self, encoded: Floats, facts: Facts) -> DecidedBlock:
        with np.errstate(divide="ignore", invalid="ignore"):  # formulas may divide by zero, for one applicant too
            return self._decide_block(encoded, facts)

    def _decide_block(self, encoded: Floats, facts: Facts) -> DecidedBlock:
        predicted = self._tables.predict(encoded)
        policy, inputs = self._policy, input_columns(encoded)
        evaluation = policy.evaluate(inputs, predicted.log_odds, facts=facts)
        half = self._manifest.uncertainty.half_width(predicted.log_odds)
        low, high = logistic(predicted.log_odds - half), logistic(predicted.log_odds + half)
        inside = ~predicted.out_of_domain.any(axis=1)
        if policy.states_stability:
            stability = policy.stability(evaluation, predicted.log_odds, half)
            confidence = confidence_by_stability(stability, inside)
        else:
            stability = np.full(len(encoded), np.nan)
            confidence = confidence_by_interval(low, high, inside, policy.approve_below, policy.decline_from)
        failed = failed_bits(evaluation, len(encoded))
        keys = reason_keys(policy, evaluation, failed, inputs, predicted.contributions, self._reference)
        recommended = self._recommended(encoded, evaluation, facts)
        return DecidedBlock(
            log_odds=predicted.log_odds,
            pd=evaluation.pd,
            pd_low=low,
            pd_high=high,
            half_width=half,
            contributions=predicted.contributions,
            out_of_domain=predicted.out_of_domain,
            outcome=evaluation.outcome,
            stability=stability,
            confidence=confidence,
            default_predicted=evaluation.pd >= policy.decline_from,
            points=evaluation.points,
            grade_index=evaluation.grade_index,
            instalment=to_cents(evaluation.instalment),
            recommended=to_cents(recommended),
            failed=failed,
            rule_reasons=keys[0],
            score_reasons=keys[1],
            alternatives=self._alternatives(encoded, recommended, facts),
        )

    def _recommended(self, encoded: Floats, evaluation: PolicyEvaluation, facts: Facts) -> Floats:
        """Dollars: the requested amount where approved; only the other rows are searched for one."""
        amounts = encoded[:, self._product.amount_place].copy()
        others = np.flatnonzero(evaluation.outcome != Outcome.APPROVED.severity)
        if len(others):
            amounts[others] = self._smaller_amounts(encoded[others], of_rows(facts, others))
        return amounts

    def _smaller_amounts(self, encoded: Floats, facts: Facts) -> Floats:
        """The largest amount in dollars that would be approved instead of the requested one; 0 if none."""
        requested, inputs = encoded[:, self._product.amount_place], input_columns(encoded)
        risk_at = self._tables.risk_at(encoded)
        largest = largest_approved_amounts(self._policy, inputs, risk_at, up_to=requested, facts=facts)
        smaller: Floats = recommended_amount(requested, approved=False, largest_approved=largest)
        return smaller

    def _smallest_passes(self, encoded: Floats, facts: Facts) -> NDArray[np.bool_]:
        """Whether the product's smallest amount would be approved, without which none is."""
        smallest = encoded.copy()
        smallest[:, self._product.amount_place] = self._policy.pricing.minimum_amount
        inputs, amounts = input_columns(smallest), smallest[:, self._product.amount_place]
        passes: NDArray[np.bool_] = self._policy.admits(inputs, facts) & self._policy.approves(
            inputs, amounts, self._tables.log_odds(smallest), facts
        )
        return passes

    def _alternatives(self, encoded: Floats, recommended: Floats, facts: Facts) -> Floats:
        """`alternative_loan` of the rows for which nothing is recommended, as in `DecidedBlock`."""
        alternatives = np.zeros((len(encoded), 4))
        if not self._policy.states_stability:
            return alternatives
        product, nothing = self._product, recommended == 0.0
        for months in product.months:
            rows = np.flatnonzero(nothing & (encoded[:, product.term_place] != months))
            changed = encoded[rows]
            changed[:, product.term_place] = months
            possible = self._smallest_passes(changed, of_rows(facts, rows))
            rows, changed = rows[possible], changed[possible]
            if not len(rows):
                continue
            requested, log_odds = changed[:, product.amount_place], self._tables.log_odds(changed)
            own = of_rows(facts, rows)
            whole = self._policy.approves(input_columns(changed), requested, log_odds, own)
            amounts = np.where(whole, requested, self._smaller_amounts(changed, own))
            better = amounts > alternatives[rows, 0]
            rows, changed = rows[better], changed[better]
            changed[:, product.amount_place] = amounts[better]
            evaluation = self._policy.evaluate(
                input_columns(changed), self._tables.log_odds(changed), facts=of_rows(facts, rows)
            )
            alternatives[rows, 0] = amounts[better]
            alternatives[rows, 1] = months
            alternatives[rows, 2] = evaluation.grade_index
            alternatives[rows, 3] = evaluation.instalment
        return alternatives
