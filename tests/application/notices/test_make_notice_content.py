"""Letters are drafted with the archived product, policy and model of the decision."""

import asyncio
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from adapters.documents.letter_values import TEMPLATE, letter_values
from adapters.documents.render_process import render_html
from adapters.memory.products import MemoryProducts
from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from application.ports.models.credit_models import CreditModels
from application.ports.models.version_not_archived import VersionNotArchived
from application.use_cases.notices.make_notice_content import MakeNoticeContent
from domain.decisions.decision import decide
from domain.decisions.decision_record import DecisionRecord
from domain.notices.completeness import NoticeIncomplete
from domain.notices.drafting import LetterSettings, NoticeBasis
from domain.notices.letterhead import Letterhead
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause
from domain.policies.outcome import Outcome
from domain.policies.policy_file import policy_in_file
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.product_definition import ProductDefinition
from domain.products.stored_product import read_product
from support.builders import a_decision_record
from support.letters import CHICAGO, LETTERHEAD
from support.memory.versions import MemoryPolicies
from support.paths import CHAMPION, PROJECT
from support.random_declines import random_declines

TODAY = date(2026, 3, 16)
AUTO_LOAN = PROJECT / "examples" / "auto_loan"


class OneModel(CreditModels):
    """Finds the only model there is."""

    def __init__(self, model: TableCreditModel) -> None:
        self.model = model

    async def find(self, fingerprint: str, product: ProductDefinition) -> TableCreditModel:
        if fingerprint != self.model.version.fingerprint:
            raise VersionNotArchived(f"model {fingerprint} is not archived")
        return self.model


@cache
def champion() -> TableCreditModel:
    return TableCreditModel(load_bundle(CHAMPION, PERSONAL_LOAN))


def drafts(
    model: TableCreditModel, policy: ScoringPolicy = POLICY_3, letterhead: Letterhead = LETTERHEAD
) -> MakeNoticeContent:
    policies = MemoryPolicies()
    asyncio.run(policies.archive(policy))
    return MakeNoticeContent(
        MemoryProducts(policy.product), policies, OneModel(model), LetterSettings(letterhead, CHICAGO)
    )


def basis_of(record: DecisionRecord) -> NoticeBasis:
    return NoticeBasis(
        record.decision_id, NoticeKind.ADVERSE_ACTION, NoticeCause.DECISION, record.decision_id, record
    )


def a_decline() -> DecisionRecord:
    record = next(each.basis.record for each in random_declines(seed=3) if each.by == "rules and score")
    return replace(record, model_fingerprint=champion().version.fingerprint)


def test_a_letter_states_the_score_by_the_model_that_decided() -> None:
    record = a_decline()
    content = asyncio.run(drafts(champion())(basis_of(record), dated=TODAY))
    assert content.reasons == record.decision.reasons
    assert content.score is not None
    assert content.score.points == record.decision.points
    assert (content.score.lowest, content.score.highest) == (351, 632)


def test_a_record_of_the_first_release_has_letters_too() -> None:
    record = replace(a_decline(), policy_fingerprint="", product_fingerprint="")
    assert asyncio.run(drafts(champion())(basis_of(record), dated=TODAY)).reasons == record.decision.reasons


def test_everything_missing_is_named_before_a_letter_is_made() -> None:
    with pytest.raises(NoticeIncomplete) as refused:
        asyncio.run(drafts(champion(), letterhead=Letterhead())(basis_of(a_decline()), dated=TODAY))
    assert len(refused.value.missing) == 9


def test_a_model_that_is_not_archived_is_named() -> None:
    record = replace(a_decline(), model_fingerprint="ab" * 32)
    with pytest.raises(VersionNotArchived, match="model abab"):
        asyncio.run(drafts(champion())(basis_of(record), dated=TODAY))


def test_another_product_has_letters_in_its_words() -> None:
    product = read_product((AUTO_LOAN / "product.json").read_text())
    policy = policy_in_file((AUTO_LOAN / "policy.json").read_text(), product)
    model = TableCreditModel(load_bundle(AUTO_LOAN / "model", product))
    weak = {"monthly_income": 1_500.0, "credit_score": 480, "past_due_accounts": 4, "vehicle_age": 12}
    application = product.application_from(dict(product.example) | weak)
    inputs = product.characteristics_of(application)
    prediction = model.predict(inputs)
    decision = decide(
        policy,
        inputs,
        prediction,
        reference=model.reference_profile(policy.approve_below),
        risk_by_amount=model.risk_by_amount,
    )
    assert decision.outcome is Outcome.DECLINED
    record = a_decision_record(
        application=application,
        prediction=prediction,
        decision=decision,
        model_fingerprint=model.version.fingerprint,
        policy_fingerprint=policy.fingerprint,
        product_fingerprint=product.fingerprint,
    )
    content = asyncio.run(drafts(model, policy)(basis_of(record), dated=TODAY))
    page = render_html(TEMPLATE, letter_values(content))
    assert "Auto loan" in page
    assert content.reasons == decision.reasons
    assert content.score is not None
    assert content.score.key_factors
    for reason in decision.reasons:
        assert reason.text.replace("'", "&#39;") in page
