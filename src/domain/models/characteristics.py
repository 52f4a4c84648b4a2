"""The inputs of model and policy for one applicant."""

from typing import Any, TypeAlias

Characteristics: TypeAlias = tuple[Any, ...]
"""Numbers and words in the order of `ProductDefinition.inputs`; NaN for a number that was not given."""
