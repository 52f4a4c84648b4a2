"""Parquet files of one row, written byte by byte, so that their metadata can be false."""

import gzip
import struct
from collections.abc import Mapping

_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_DOUBLE_COLUMN, _TEXT_COLUMN = 5, 6
_PLAIN, _RLE = 0, 3
_GZIP = 2


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _zigzag(number: int) -> bytes:
    return _varint(2 * number if number >= 0 else -2 * number - 1)


def _text(value: bytes) -> bytes:
    return _varint(len(value)) + value


def _list(kind: int, items: list[bytes]) -> bytes:
    head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + _varint(len(items))
    return head + b"".join(items)


def _struct(*fields: tuple[int, int, bytes]) -> bytes:
    """A structure of Thrift's compact protocol: number, type and value of each field, in order."""
    out, last = b"", 0
    for number, kind, value in fields:
        out += bytes([number - last << 4 | kind]) + value
        last = number
    return out + b"\0"


def _i32(number: int, value: int) -> tuple[int, int, bytes]:
    return number, _I32, _zigzag(value)


def _i64(number: int, value: int) -> tuple[int, int, bytes]:
    return number, _I64, _zigzag(value)


def _page(plain: bytes, *, unpacked_size: int | None, values: int) -> bytes:
    packed = gzip.compress(plain, 9)
    header = _struct(_i32(1, values), _i32(2, _PLAIN), _i32(3, _RLE), _i32(4, _RLE))
    size = len(plain) if unpacked_size is None else unpacked_size
    return _struct(_i32(1, 0), _i32(2, size), _i32(3, len(packed)), (5, _STRUCT, header)) + packed


def crafted_parquet(
    row: Mapping[str, float | bytes],
    *,
    chunk_size: int | None = None,
    unpacked_size: int | None = None,
    values: int = 1,
    rows: int = 1,
    nested: int = 0,
) -> bytes:
    """The row as a file; sizes and counts that are given are written in place of the true ones.

    `nested` groups, each within the one before, stand around a column beside the others.
    """
    file, chunks = bytearray(b"PAR1"), []
    schema = [_struct((4, _BINARY, _text(b"root")), _i32(5, len(row) + bool(nested)))]
    for name, value in row.items():
        texts = isinstance(value, bytes)
        plain = struct.pack("<I", len(value)) + value if isinstance(value, bytes) else struct.pack("<d", value)
        page, at = _page(plain, unpacked_size=unpacked_size, values=values), len(file)
        file += page
        kind = _TEXT_COLUMN if texts else _DOUBLE_COLUMN
        meta = _struct(
            _i32(1, kind),
            (2, _LIST, _list(_I32, [_zigzag(_PLAIN)])),
            (3, _LIST, _list(_BINARY, [_text(name.encode())])),
            _i32(4, _GZIP),
            _i64(5, values),
            _i64(6, len(plain) + 40),
            _i64(7, len(page) if chunk_size is None else chunk_size),
            _i64(9, at),
        )
        chunks.append(_struct(_i64(2, at), (3, _STRUCT, meta)))
        converted = [_i32(6, 0)] if texts else []
        schema.append(_struct(_i32(1, kind), _i32(3, 0), (4, _BINARY, _text(name.encode())), *converted))
    schema += [_struct(_i32(3, 0), (4, _BINARY, _text(b"g")), _i32(5, 1)) for _ in range(nested)]
    if nested:
        schema.append(_struct(_i32(1, _DOUBLE_COLUMN), _i32(3, 0), (4, _BINARY, _text(b"leaf"))))
    group = _struct((1, _LIST, _list(_STRUCT, chunks)), _i64(2, len(file)), _i64(3, rows))
    described, groups = _list(_STRUCT, schema), _list(_STRUCT, [group])
    foot = _struct(_i32(1, 1), (2, _LIST, described), _i64(3, rows), (4, _LIST, groups))
    return bytes(file) + foot + struct.pack("<I", len(foot)) + b"PAR1"
