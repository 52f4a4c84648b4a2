"""JSON that a person wrote: what could be read in two ways is refused."""

import json
from typing import Any


def read_written_json(text: str) -> Any:
    """The content; raises ValueError also if an object gives a member twice, as after an edit of a copied line."""
    return json.loads(text, object_pairs_hook=_members)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"{name!r} is given twice in one object")
        members[name] = value
    return members
