"""Policies in files that people wrote or edited."""

from pathlib import Path

from application.operational_error import OperationalError
from domain.policies.policy_file import policy_in_file
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import InvalidPolicy
from domain.products.product_definition import ProductDefinition


class PolicyFileInvalid(OperationalError):
    """A file is not a policy for the product; the message names every fault."""


def policy_of_file(file: Path, product: ProductDefinition) -> ScoringPolicy:
    """The policy in a file; raises PolicyFileInvalid."""
    try:
        return policy_in_file(file.read_text(encoding="utf-8"), product)
    except (InvalidPolicy, UnicodeDecodeError, OSError) as fault:
        faults = "".join(f"\n  - {line}" for line in str(fault).splitlines())
        raise PolicyFileInvalid(f"{file} is not a policy that can decide:{faults}") from fault
