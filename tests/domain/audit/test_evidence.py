"""Entries are exported in one format, whichever function writes them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from domain.audit.entry import ChainHead
from domain.audit.evidence import entry_content, entry_line, json_line
from support.builders import A_MOMENT, an_identifier

PRINTABLE = st.text(st.characters(exclude_categories=["Cs"]))


@given(PRINTABLE, PRINTABLE, st.binary(max_size=20))
def test_an_entry_is_the_same_line_by_both_functions(actor: str, action: str, document: bytes) -> None:
    head = ChainHead(an_identifier(A_MOMENT))
    entry, _ = head.append(
        at=A_MOMENT, actor=actor, action=action, subject=an_identifier(A_MOMENT), document=document
    )
    assert entry_line(entry) == json_line(entry_content(entry))
    assert json.loads(entry_line(entry)) == entry_content(entry)
