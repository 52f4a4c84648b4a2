"""`scoring products`: definitions of products.

Exit codes: 0 where the definition is valid, 1 where it has faults, 2 where the file cannot be read.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from domain.policies.circumstance_measures import CIRCUMSTANCE_MEASURES
from domain.policies.policy_file import policy_in_file
from domain.policies.stored_policy import InvalidPolicy
from domain.products.product_definition import ProductDefinition
from domain.products.stored_product import UnreadableProduct, read_product
from entrypoints.cli.score import FileUnusable
from entrypoints.counting import counted


@click.group("products")
def command() -> None:
    """Check definitions of products."""


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Also check a policy for this product.",
)
def check(file: Path, policy_file: Path | None) -> None:
    """Check the definition of a product in FILE, and name everything that is wrong with it."""
    product = read_definition(file)
    click.echo(_summary(product))
    if policy_file is not None:
        try:
            policy = policy_in_file(_text_of(policy_file), product)
        except InvalidPolicy as fault:
            raise _invalid(policy_file, "policy for this product", str(fault).splitlines()) from fault
        click.echo(f"Policy {policy.version} with {counted(len(policy.rules), 'rule', 'rules')} is valid for it.")


def read_definition(file: Path) -> ProductDefinition:
    """The definition in a file; exits with every fault if it is not valid."""
    text = _text_of(file)
    try:
        return read_product(text)
    except UnreadableProduct as fault:
        raise _invalid(file, "product definition", fault.faults) from fault


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise FileUnusable(f"{file}: cannot be read as text in UTF-8 ({fault})") from fault


def _invalid(file: Path, what: str, faults: Sequence[str]) -> click.ClickException:
    lines = "".join(f"\n  - {each}" for each in faults)
    found = counted(len(faults), "fault", "faults")
    return click.ClickException(f"{file} is not a valid {what}, {found}:{lines}")


def _summary(product: ProductDefinition) -> str:
    groups = ", ".join(f"{title} ({len(fields)})" for title, fields in product.groups.items())
    lines = (
        f"{product.label}: product {product.name}, version {product.version}, is valid.",
        f"  fields           {len(product.fields)}: {groups}",
        f"  model inputs     {', '.join(product.characteristic_names)}",
        f"  policy measures  {', '.join(measure.name for measure in (*product.measures, *CIRCUMSTANCE_MEASURES))}",
        f"  fingerprint      {product.fingerprint}",
    )
    return "\n".join(lines)
