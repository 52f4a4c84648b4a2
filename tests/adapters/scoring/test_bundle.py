"""Valid bundles load fast; damaged or incompatible ones are refused with the file's name."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from adapters.scoring.bundles.bundle import (
    CHECKSUMS,
    FILES,
    MANIFEST,
    BundleUnusable,
    ModelBundle,
    checksum_list,
    load_bundle,
)
from domain.products.personal_loan import PERSONAL_LOAN


@pytest.fixture
def folder(small_bundle: ModelBundle, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_bundle.folder, tmp_path / "copy"))


def update_checksums(folder: Path) -> None:
    """Change a file together with its checksum."""
    (folder / CHECKSUMS).write_bytes(checksum_list({name: (folder / name).read_bytes() for name in FILES}))


def rewrite_manifest(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, **changes}))
    update_checksums(folder)


def test_a_bundle_is_loaded_as_it_was_written(small_bundle: ModelBundle) -> None:
    again = load_bundle(small_bundle.folder, PERSONAL_LOAN)
    assert again.manifest == small_bundle.manifest
    assert again.trees == small_bundle.trees
    assert np.array_equal(again.tables.contributions, small_bundle.tables.contributions)


def test_the_fingerprint_covers_every_file(small_bundle: ModelBundle, folder: Path) -> None:
    sums = (folder / CHECKSUMS).read_bytes()
    assert small_bundle.fingerprint == hashlib.sha256(sums).hexdigest()
    assert {line.split("  ")[1] for line in sums.decode().splitlines()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused_with_its_name(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BundleUnusable, match=f"{name}: the content does not match SHA256SUMS"):
        load_bundle(folder, PERSONAL_LOAN)


@pytest.mark.parametrize("name", [*FILES, CHECKSUMS])
def test_a_missing_file_is_refused_with_its_name(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BundleUnusable, match=f"{name}: the file cannot be read.*scoring train"):
        load_bundle(folder, PERSONAL_LOAN)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleUnusable, match="does not exist"):
        load_bundle(tmp_path / "nowhere", PERSONAL_LOAN)


def test_an_incomplete_checksum_list_is_refused(folder: Path) -> None:
    lines = (folder / CHECKSUMS).read_text().splitlines(keepends=True)
    (folder / CHECKSUMS).write_text("".join(line for line in lines if "leaves.npy" not in line))
    with pytest.raises(BundleUnusable, match=r"SHA256SUMS: the list does not match the files.*leaves\.npy"):
        load_bundle(folder, PERSONAL_LOAN)


def test_a_bundle_of_another_layout_is_refused(folder: Path) -> None:
    rewrite_manifest(folder, schema=4, novelty=True)
    with pytest.raises(BundleUnusable, match=r"manifest\.json: bundle layout 4 .* reads the layouts 1 to 3"):
        load_bundle(folder, PERSONAL_LOAN)


@pytest.mark.parametrize("other", [{"name": "boat_loan"}, {"version": "2"}])
def test_a_model_for_another_product_is_refused(folder: Path, other: dict[str, str]) -> None:
    product = replace(PERSONAL_LOAN, **other)
    expected = f"the model is for product personal_loan 1, not for {product.name} {product.version}"
    with pytest.raises(BundleUnusable, match=expected):
        load_bundle(folder, product)


def test_a_model_with_other_characteristics_is_refused(folder: Path) -> None:
    names = json.loads((folder / MANIFEST).read_text())["characteristics"]
    rewrite_manifest(folder, characteristics=[*names[:-1], "favourite_colour"])
    with pytest.raises(BundleUnusable, match=r"manifest\.json: the model uses other characteristics"):
        load_bundle(folder, PERSONAL_LOAN)


@pytest.mark.parametrize(
    "changes",
    [
        {"product": "cars"},
        {"usual_categories": {}},
        {"trees_without_amount": 10_000},
        {"categories": {"home_ownership": ["RENT"], "purpose": ["car"]}},
        {"base": "a lot"},
    ],
)
def test_an_inconsistent_manifest_is_refused(folder: Path, changes: dict[str, Any]) -> None:
    rewrite_manifest(folder, **changes)
    with pytest.raises(BundleUnusable, match=r"manifest\.json"):
        load_bundle(folder, PERSONAL_LOAN)


def test_an_invalid_manifest_is_refused(folder: Path) -> None:
    (folder / MANIFEST).write_text("{")
    update_checksums(folder)
    with pytest.raises(BundleUnusable, match="not a valid manifest"):
        load_bundle(folder, PERSONAL_LOAN)


def test_pickled_objects_are_never_loaded(folder: Path) -> None:
    np.save(folder / "leaves.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    update_checksums(folder)
    with pytest.raises(BundleUnusable, match=r"leaves\.npy: not a valid array"):
        load_bundle(folder, PERSONAL_LOAN)


def test_an_array_of_another_type_is_refused(folder: Path) -> None:
    np.save(folder / "leaves.npy", np.load(folder / "leaves.npy").astype(np.float64))
    update_checksums(folder)
    with pytest.raises(BundleUnusable, match=r"leaves\.npy: the array has type float64"):
        load_bundle(folder, PERSONAL_LOAN)


def test_inconsistent_arrays_are_refused(folder: Path) -> None:
    np.save(folder / "leaves.npy", np.load(folder / "leaves.npy")[:-1])
    update_checksums(folder)
    with pytest.raises(BundleUnusable, match="arrays are inconsistent"):
        load_bundle(folder, PERSONAL_LOAN)


def test_loading_and_verifying_is_fast(champion: ModelBundle) -> None:
    def seconds() -> float:
        began = perf_counter()
        load_bundle(champion.folder, PERSONAL_LOAN)
        return perf_counter() - began

    assert min(seconds() for _ in range(5)) < 0.05
