"""Messages from the process that reads a file to the worker: a kind, a length, and the content."""

import io
import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from types import MappingProxyType

import polars as pl

from adapters.loan_files.chunk import REFUSED_SCHEMA, first_refusal
from adapters.loan_files.columns import ColumnRequirements
from adapters.loan_files.validation import validate_rows
from application.ports.batches.portfolio import LoanChunk
from domain.products.product_definition import ProductDefinition

HEADER = struct.Struct("<BI")
"""Kind and length of the content."""
MAX_MESSAGE_BYTES = 16 << 20
"""The longest message. A larger chunk (because most of its rows are refused) is sent in parts."""
_CHUNK = struct.Struct("<IIdI")
"""Rows read, rows refused, share done, and the length of the loans; the refused fields follow the loans."""
_ENTRY_BYTES = 64
"""Of a refused field without its value: two numbers, and three references to texts."""
_MAX_NOTICE, _MOST_NOTICES = 500, 50


class Kind(IntEnum):
    """The kind of a message. SKIPPED: rows before the first requested row were read, or columns examined."""

    READY = 1
    CHUNK = 2
    SKIPPED = 3
    UNREADABLE = 4
    END = 5


class InvalidMessage(Exception):
    """The bytes are not a message that the reader process sends."""


def message(kind: Kind, content: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(content)) + content


def chunk_messages(chunk: LoanChunk) -> Iterator[bytes]:
    """The chunk in as many messages as its size requires."""
    whole = _chunk_message(chunk)
    if whole is not None:
        yield whole
        return
    for half in _halves(chunk):
        yield from chunk_messages(half)


def _chunk_message(chunk: LoanChunk) -> bytes | None:
    """The chunk in one message, or None if it is too large for one."""
    if chunk.rows_read > 1 and _estimated_bytes(chunk.refused) > MAX_MESSAGE_BYTES:
        return None  # known without the memory that its encoding takes
    loans, refused = _encode(chunk.loans), _encode(chunk.refused)
    numbers = _CHUNK.pack(chunk.rows_read, chunk.rows_refused, chunk.share_done, len(loans))
    length = len(numbers) + len(loans) + len(refused)
    if length > MAX_MESSAGE_BYTES and chunk.rows_read > 1:
        return None
    return b"".join([HEADER.pack(Kind.CHUNK, length), numbers, loans, refused])


def decode_chunk(
    content: bytes, schema: pl.Schema, callers: Mapping[str, pl.DataType] = MappingProxyType({})
) -> LoanChunk:
    """The chunk of a message, whose loans have this schema, and possibly columns of the caller after it.

    Raises InvalidMessage.
    """
    try:
        read, refused_rows, share, length = _CHUNK.unpack_from(content)
        loans = pl.read_ipc_stream(content[_CHUNK.size : _CHUNK.size + length])
        refused = pl.read_ipc_stream(content[_CHUNK.size + length :])
    except (struct.error, pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        raise InvalidMessage(str(error)) from error
    expected = pl.Schema({**schema, **{name: callers[name] for name in loans.columns if name in callers}})
    if loans.schema != expected or refused.schema != REFUSED_SCHEMA or loans.height + refused_rows != read:
        raise InvalidMessage("the columns or counts are not those of a chunk of loans")
    return LoanChunk(loans, refused, read, refused_rows, share, first_refusal(refused))


def encode_notices(notices: Sequence[str]) -> bytes:
    """The content of the last message."""
    return json.dumps([notice[:_MAX_NOTICE] for notice in notices[:_MOST_NOTICES]]).encode()


def decode_notices(content: bytes) -> list[str]:
    """The notices of the last message. Raises InvalidMessage."""
    try:
        notices = json.loads(content)
    except ValueError as error:
        raise InvalidMessage(str(error)) from error
    if not isinstance(notices, list) or not all(isinstance(notice, str) for notice in notices):
        raise InvalidMessage("the notices are not a list of texts")
    return [notice[:_MAX_NOTICE] for notice in notices[:_MOST_NOTICES]]


def _encode(frame: pl.DataFrame) -> bytes:
    content = io.BytesIO()
    frame.write_ipc_stream(content)
    return content.getvalue()


def _estimated_bytes(refused: pl.DataFrame) -> int:
    """About the size of the encoded fields. Polars' own estimate may count texts that other rows have too."""
    return refused.height * _ENTRY_BYTES + int(refused["value"].str.len_bytes().sum())


def _halves(chunk: LoanChunk) -> Iterator[LoanChunk]:
    """The first and the second half of the rows, each of at least one row."""
    rows = pl.concat([chunk.loans["row"], chunk.refused["row"].unique()]).sort()
    first, middle = rows[0], rows[len(rows) // 2]
    for low, high in ((first, middle), (middle, rows[-1] + 1)):
        within = pl.col("row").is_between(low, high, closed="left")
        loans, refused = chunk.loans.filter(within), chunk.refused.filter(within)
        yield replace(
            chunk, loans=loans, refused=refused, rows_read=high - low, rows_refused=high - low - loans.height
        )


def loans_schema(product: ProductDefinition) -> pl.Schema:
    """The columns of a product's loans in a chunk."""
    texts = dict.fromkeys((*(field.name for field in product.fields), "broken_text", "broken_reason"), pl.String)
    empty = pl.DataFrame(schema={"row": pl.Int64, "line": pl.Int64, **texts})
    loans, _ = validate_rows(empty, ColumnRequirements(product))
    return loans.schema
