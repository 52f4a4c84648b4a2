"""`scoring products check` names everything that is wrong with a definition."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.products import command
from support.paths import PROJECT

AUTO_LOAN = PROJECT / "examples" / "auto_loan" / "product.json"


def check(file: Path) -> Result:
    return CliRunner().invoke(command, ["check", str(file)])


def test_the_example_is_valid() -> None:
    found = check(AUTO_LOAN)
    assert found.exit_code == 0, found.output
    assert "Auto loan: product auto_loan, version 1, is valid." in found.output
    assert "11: Applicant (4), Vehicle (3), Loan (2), Credit report (2)" in found.output


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (
            lambda content: content["fields"][0].update(minium=3, maximum="x"),
            [
                "fields 1 (monthly_income): unknown member 'minium'; the members are name, label, unit, ",
                "fields 1 (monthly_income): maximum must be a number",
            ],
        ),
        (
            lambda content: content["fields"][1].pop("label"),
            ["fields 2 (monthly_debt_payments): label is missing"],
        ),
        (lambda content: content["levers"][0].update(kind="x"), ["kind must be one of 'smaller amount', "]),
        (lambda content: content.pop("fields"), ["fields must be a list of objects"]),
        (lambda content: content["fields"].append(3), ["fields must be a list of objects"]),
        (lambda content: content.pop("amount"), ["the product: amount is missing"]),
        (
            lambda content: content.update(kind="policy", purpose=3, reasons={"INCOME": 3}),
            ["this release reads kind 'product', schema 1", "purpose must be a text or null", "reasons must be"],
        ),
        (
            lambda content: content["measures"][2].update(formula="price / 2"),
            ["measure loan to value: 'price / 2' uses price; it can use amount, "],
        ),
    ],
)
def test_every_fault_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], faults: list[str]
) -> None:
    content = json.loads(AUTO_LOAN.read_text())
    change(content)
    file = tmp_path / "product.json"
    file.write_text(json.dumps(content))
    found = check(file)
    assert found.exit_code == 1
    for fault in faults:
        assert fault in found.output
    assert "Traceback" not in found.output


@pytest.mark.parametrize(("text", "code"), [(b"{", 1), (b"[]", 1), (b"", 1), (b"\xff", 2)])
def test_a_file_that_is_no_definition_is_refused(tmp_path: Path, text: bytes, code: int) -> None:
    file = tmp_path / "product.json"
    file.write_bytes(text)
    found = check(file)
    assert found.exit_code == code
    assert str(file) in found.output


def test_a_policy_is_checked_for_the_product(tmp_path: Path) -> None:
    policy = AUTO_LOAN.with_name("policy.json")
    valid = CliRunner().invoke(command, ["check", str(AUTO_LOAN), "--policy", str(policy)])
    assert (valid.exit_code, "Policy 1 with 10 rules is valid for it." in valid.output) == (0, True), valid.output
    content = json.loads(policy.read_text())
    content["rules"][0]["measure"] = "height"
    content["rules"][1]["reason"] = "WEATHER"
    wrong = tmp_path / "policy.json"
    wrong.write_text(json.dumps(content))
    refused = CliRunner().invoke(command, ["check", str(AUTO_LOAN), "--policy", str(wrong)])
    assert refused.exit_code == 1
    assert "unknown measure 'height'" in refused.output
    assert "unknown reason 'WEATHER'" in refused.output
