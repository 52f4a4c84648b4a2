"""Writes a bundle: all files or none, checked before they replace the previous ones."""

import json
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from adapters.scoring.bundles.bundle import (
    CHECKSUMS,
    MANIFEST,
    REFERENCE_BANDS,
    TREES,
    ModelBundle,
    checksum_list,
    load_bundle,
)
from adapters.scoring.bundles.manifest import Manifest
from adapters.scoring.fixed_point import Floats
from adapters.scoring.tables import ARRAY_NAMES, DTYPES, Tables
from adapters.scoring.training.rounding import round_significant
from domain.products.product_definition import ProductDefinition


class InvalidBundleFolder(Exception):
    """The output folder contains something other than a bundle, which would be lost."""


def write_bundle(
    folder: Path,
    *,
    product: ProductDefinition,
    manifest: Manifest,
    tables: Tables,
    bands: Floats,
    trees: str,
    documents: dict[str, bytes],
    check: Callable[[ModelBundle], object],
) -> ModelBundle:
    """Write to a temporary folder, load, check, then move into place. `documents` are other files by name."""
    if folder.exists() and any(folder.iterdir()) and not (folder / CHECKSUMS).exists():
        raise InvalidBundleFolder(f"{folder} is not empty and not a model bundle: choose an empty or a new folder")
    contents = {
        MANIFEST: to_json_bytes(msgspec.to_builtins(manifest)),
        TREES: trees.encode(),
        **{f"{name}.npy": array_bytes(getattr(tables, name), DTYPES[name]) for name in ARRAY_NAMES},
        REFERENCE_BANDS: array_bytes(bands, np.float64),
        **documents,
    }
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name, content in contents.items():
            (fresh / name).write_bytes(content)
        (fresh / CHECKSUMS).write_bytes(checksum_list(contents))
        check(load_bundle(fresh, product))
        _replace_folder(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return load_bundle(folder, product)


def to_json_bytes(value: Any) -> bytes:
    """Readable JSON, the same bytes each time, with floats rounded to stable digits."""
    return (json.dumps(_rounded(value), indent=1, ensure_ascii=False) + "\n").encode()


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round_significant(value)
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value


def array_bytes(array: np.ndarray[Any, Any], dtype: Any) -> bytes:
    """The array as NumPy's file format, the same bytes for the same values."""
    stream = BytesIO()
    np.save(stream, np.ascontiguousarray(array, dtype=dtype), allow_pickle=False)
    return stream.getvalue()


def _replace_folder(fresh: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
