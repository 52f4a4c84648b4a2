"""Writing a bundle: all files or none, checked before they take the place of what was there."""

import json
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from adapters.scoring.bundles.bundle import MANIFEST, SUMS, TREES, ModelBundle, load_bundle, sums_text
from adapters.scoring.bundles.manifest import Manifest
from adapters.scoring.tables import ARRAY_NAMES, DTYPES, Tables
from adapters.scoring.training.rounding import steady


class InvalidBundleFolder(Exception):
    """The folder to write to holds something other than a bundle, which would be lost."""


def write_bundle(
    folder: Path,
    *,
    manifest: Manifest,
    tables: Tables,
    trees: str,
    papers: dict[str, bytes],
    check: Callable[[ModelBundle], object],
) -> ModelBundle:
    """Write beside the folder, load, check, and only then put it in place. `papers` are other files by name."""
    if folder.exists() and any(folder.iterdir()) and not (folder / SUMS).exists():
        raise InvalidBundleFolder(f"{folder} holds no model bundle: choose an empty or a new folder")
    contents = {
        MANIFEST: as_json(msgspec.to_builtins(manifest)),
        TREES: trees.encode(),
        **{f"{name}.npy": _plain_array(getattr(tables, name), DTYPES[name]) for name in ARRAY_NAMES},
        **papers,
    }
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        for name, content in contents.items():
            (fresh / name).write_bytes(content)
        (fresh / SUMS).write_bytes(sums_text(contents))
        check(load_bundle(fresh))
        _put_in_place(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return load_bundle(folder)


def as_json(value: Any) -> bytes:
    """JSON a person can read, the same bytes each time: floats with the digits that do not waver."""
    return (json.dumps(_steady(value), indent=1, ensure_ascii=False) + "\n").encode()


def _steady(value: Any) -> Any:
    if isinstance(value, float):
        return steady(value)
    if isinstance(value, dict):
        return {name: _steady(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_steady(one) for one in value]
    return value


def _plain_array(array: np.ndarray[Any, Any], dtype: Any) -> bytes:
    stream = BytesIO()
    np.save(stream, np.ascontiguousarray(array, dtype=dtype), allow_pickle=False)
    return stream.getvalue()


def _put_in_place(fresh: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
