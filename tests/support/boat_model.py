"""A policy and a model for boat loans without training: the risk is a short sum."""

import asyncio
from bisect import bisect_left
from dataclasses import replace

from adapters.memory.product_in_force import MemoryProductInForce
from adapters.memory.products import MemoryProducts
from application.catalog import UseCases
from application.ports.models.credit_model import CreditModel, ModelVersion
from application.ports.models.credit_models import CreditModels
from application.use_cases.decisions.assess_many import AssessMany
from application.use_cases.decisions.assess_once import AssessOnce
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicies, FindDecidingPolicy
from application.use_cases.policies.read_policy_in_force import ReadPolicyInForce
from application.use_cases.products.read_product_in_force import ReadProductInForce
from application.use_cases.products.read_product_of import ReadProductOf
from domain.models.prediction import Prediction
from domain.models.probability import Uncertainty
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.outcome import Outcome
from domain.policies.pricing import Grade, Pricing
from domain.policies.rules import Comparison, Rule
from domain.policies.scoring_policy import ScoringPolicy
from domain.products.personal_loan import PERSONAL_LOAN
from support.memory.policy_in_force import MemoryPolicyInForce
from support.memory.versions import MemoryPolicies
from support.other_product import BOAT_LOAN

BOAT_POLICY = ScoringPolicy(
    version="b1",
    rules=(
        Rule("bearable payments", "instalment to income", Comparison.AT_MOST, 0.3, "PAYMENTS", Outcome.DECLINED),
    ),
    approve_below=0.1,
    decline_from=0.2,
    pricing=Pricing(500.0, 50_000.0, 100, (Grade("fair", 0.1, 0.06), Grade("rough", 1.0, 0.11))),
    rationale="For tests.",
    product=BOAT_LOAN,
)
_BASE = -3.0
_STEPS = tuple(float(price) for price in range(1_000, 50_000, 1_000))
_UNCERTAINTY = Uncertainty(0.2, 0.0, 0.0)


class BoatModel(CreditModel):
    """Raises the risk with the price, and lowers it with savings, a guarantor and experience."""

    version = ModelVersion("b0.1", "b" * 64)

    def reference_profile(self, approve_below):
        return (0.0,) * 6

    def log_odds_range(self):
        return -20.0, 20.0

    def predict(self, characteristics):
        income, experience, guarantor, savings, price, duration = characteristics
        contributions = (
            (3_000 - income) / 4_000,
            -0.1 * experience,
            -0.5 if guarantor else 0.25,
            -0.25 * (savings >= 2_000),  # no savings are NaN
            0.05 * bisect_left(_STEPS, price),
            duration / 48,
        )
        outside = ("price",) if price > 40_000 else ()
        log_odds = sum(contributions, _BASE)
        return Prediction.of(
            log_odds, base=_BASE, contributions=contributions, uncertainty=_UNCERTAINTY, out_of_domain=outside
        )

    def risk_by_amount(self, characteristics):
        at = [(*characteristics[:4], price, characteristics[5]) for price in (*_STEPS, 50_000.0)]
        return RiskByAmount(_STEPS, [self.predict(each).log_odds for each in at])


class BoatModels(CreditModels):
    """Finds the only model there is."""

    async def find(self, fingerprint, product):
        assert (fingerprint, product) == (BoatModel.version.fingerprint, BOAT_LOAN)
        return BoatModel()


def lending_for_boats(use_cases: UseCases) -> UseCases:
    """The use cases of a lender that now offers boat loans, and offered personal loans before."""
    policy, in_force = MemoryPolicyInForce(BOAT_POLICY), MemoryProductInForce(BOAT_LOAN)
    products, policies = MemoryProducts(BOAT_LOAN, PERSONAL_LOAN), MemoryPolicies()
    asyncio.run(policies.archive(BOAT_POLICY))
    assess = replace(use_cases.assess, model=BoatModel(), cache=None, policy=policy)
    return replace(
        use_cases,
        assess=assess,
        assess_once=AssessOnce(assess),
        assess_many=AssessMany(assess),
        supersede=replace(use_cases.supersede, assess=assess),
        find_deciding_policy=FindDecidingPolicy(products, policies),
        find_deciding_policies=FindDecidingPolicies(in_force, policies),
        read_policy_in_force=ReadPolicyInForce(policy),
        read_product_in_force=ReadProductInForce(in_force),
        read_product_of=ReadProductOf(in_force, products),
        export_evidence=replace(
            use_cases.export_evidence,
            versions=replace(use_cases.export_evidence.versions, products=products, policies=policies),
        ),
        try_what_if=replace(
            use_cases.try_what_if,
            products=products,
            models=BoatModels(),
            policies=policies,
            model=BoatModel(),
            policy=policy,
        ),
        find_counterfactual=replace(
            use_cases.find_counterfactual, products=products, models=BoatModels(), policies=policies
        ),
    )
