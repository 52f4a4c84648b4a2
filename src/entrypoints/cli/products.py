"""`scoring products`: definitions of products.

Exit codes: 0 where the definition is valid, 1 where it has faults, 2 where the file cannot be read.
"""

from pathlib import Path

import click

from domain.products.product_definition import ProductDefinition
from domain.products.stored_product import UnreadableProduct, read_product
from entrypoints.cli.score import FileUnusable
from entrypoints.counting import counted


@click.group("products")
def command() -> None:
    """Check definitions of products."""


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check the definition of a product in FILE, and name everything that is wrong with it."""
    click.echo(_summary(read_definition(file)))


def read_definition(file: Path) -> ProductDefinition:
    """The definition in a file; exits with every fault if it is not valid."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise FileUnusable(f"{file}: cannot be read as text in UTF-8 ({fault})") from fault
    try:
        return read_product(text)
    except UnreadableProduct as fault:
        faults = "".join(f"\n  - {each}" for each in fault.faults)
        found = counted(len(fault.faults), "fault", "faults")
        raise click.ClickException(f"{file} is not a valid product definition, {found}:{faults}") from fault


def _summary(product: ProductDefinition) -> str:
    groups = ", ".join(f"{title} ({len(fields)})" for title, fields in product.groups.items())
    lines = (
        f"{product.label}: product {product.name}, version {product.version}, is valid.",
        f"  fields           {len(product.fields)}: {groups}",
        f"  model inputs     {', '.join(product.characteristic_names)}",
        f"  policy measures  {', '.join(measure.name for measure in product.measures)}",
        f"  fingerprint      {product.fingerprint}",
    )
    return "\n".join(lines)
