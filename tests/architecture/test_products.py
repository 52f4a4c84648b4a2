"""The personal loan is one product among others: another needs no change in the code."""

import re
from pathlib import Path

import pytest

from domain.products.personal_loan import PERSONAL_LOAN

SOURCE = Path(__file__).resolve().parents[2] / "src"
DEFINITION = "domain/products/personal_loan.py"
IMPORTERS = {
    "entrypoints/configuration/setting_readers.py": "the default of SCORING_PRODUCT",
    "entrypoints/composition/providers/decisions.py": "the product of records of schema 1",
    "domain/policies/version_1.py": "the built-in policy of the personal loan",
    "adapters/persistence/decisions/document_upgrades.py": "documents of schema 1",
    "entrypoints/api/documentation/webhook_reference.py": "the examples of docs/webhook-events.md",
    "entrypoints/composition/processes/demonstration.py": "refuses a demonstration of another product",
}
DEMONSTRATION = "entrypoints/demonstration/"
"""Makes up applicants of the personal loan, from published statistics of its fields."""
LOAN_ITSELF = {
    "loan_amnt": "adapters/persistence",
    "term": "",
    "purpose": "",
}
"""Names of columns of the table of decisions, and words of the language, where they mean the loan itself."""


def modules() -> dict[str, str]:
    return {path.relative_to(SOURCE).as_posix(): path.read_text() for path in SOURCE.rglob("*.py")}


def test_only_what_belongs_to_the_personal_loan_imports_its_definition() -> None:
    found = {name for name, text in modules().items() if "domain.products.personal_loan" in text}
    assert found == set(IMPORTERS)


@pytest.mark.parametrize("name", PERSONAL_LOAN.field_by_name)
def test_fields_of_the_personal_loan_are_named_in_its_definition_only(name: str) -> None:
    allowed = LOAN_ITSELF.get(name)
    found = [
        module
        for module, text in modules().items()
        if re.search(rf"\b{name}\b", text)
        and module != DEFINITION
        and not module.startswith(DEMONSTRATION)
        and (allowed is None or not module.startswith(allowed))
    ]
    assert found == []
