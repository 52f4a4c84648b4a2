"""Model bundles on disk: a folder of text, JSON and NumPy arrays with a checksum list, never pickle."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from adapters.scoring.bundles.manifest import SCHEMA, Manifest, ManifestOfLayout1
from adapters.scoring.fixed_point import Floats
from adapters.scoring.reference_profiles import (
    BANDS,
    BandedReferenceProfiles,
    FixedReferenceProfile,
    ReferenceProfiles,
)
from adapters.scoring.tables import ARRAY_NAMES, DTYPES, Tables, TablesInconsistent
from application.operational_error import OperationalError
from domain.applications.loan_application import ProductVersion
from domain.products.product_definition import ProductDefinition

CHECKSUMS = "SHA256SUMS"
MANIFEST = "manifest.json"
TREES = "trees.txt"
CARD_JSON = "model_card.json"
CARD_TEXT = "model_card.md"
PROFIT = "profit.json"
ARRAY_FILES = tuple(f"{name}.npy" for name in ARRAY_NAMES)
REFERENCE_BANDS = "reference_bands.npy"
FILES_OF_LAYOUT_1 = (MANIFEST, TREES, CARD_JSON, CARD_TEXT, PROFIT, *ARRAY_FILES)
FILES = (*FILES_OF_LAYOUT_1, REFERENCE_BANDS)
"""The files of a bundle, without the checksum list."""
_FIRST_WITH_BANDS = 2
"""The first layout with reference profiles for any policy."""


class BundleUnusable(OperationalError):
    """A bundle that must not be used; the message names the file and what to do."""

    def __init__(self, path: Path, fault: str) -> None:
        super().__init__(
            f"{path}: {fault}. Restore the bundle from its source, or create a new one with `scoring train`."
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class ModelBundle:
    """A verified bundle of a model for a product.

    `fingerprint` is the SHA-256 of its checksum list; `trees` is LightGBM's text format. `layout` is 1 for a
    bundle that may only reproduce decisions; its manifest is in the form of today's layout.
    """

    folder: Path
    fingerprint: str
    product: ProductDefinition
    manifest: Manifest
    tables: Tables
    trees: str
    reference: ReferenceProfiles

    @property
    def layout(self) -> int:
        """The layout of the files."""
        return self.manifest.schema


def load_bundle(folder: Path, product: ProductDefinition) -> ModelBundle:
    """Read and verify every file.

    Raises BundleUnusable if one is damaged, missing or of another layout, or the model is for another product.
    """
    return parse_bundle(read_bundle_files(folder), folder, product)


def load_champion(folder: Path, product: ProductDefinition) -> ModelBundle:
    """Read a bundle that will decide on new applications. Raises BundleUnusable, also for layout 1."""
    return parse_champion(read_bundle_files(folder), folder, product)


def parse_champion(files: Mapping[str, bytes], source: str | Path, product: ProductDefinition) -> ModelBundle:
    """The same of these files by name."""
    bundle = parse_bundle(files, source, product)
    if bundle.layout < _FIRST_WITH_BANDS:
        raise BundleUnusable(
            bundle.folder / MANIFEST,
            f"bundle layout {bundle.layout}, whose reasons are right for one policy only; deciding needs layout "
            f"{_FIRST_WITH_BANDS} or {SCHEMA}. Train the model again with the same loans and seed: its trees stay "
            "the same",
        )
    return bundle


def parse_bundle(files: Mapping[str, bytes], source: str | Path, product: ProductDefinition) -> ModelBundle:
    """The verified bundle of these files by name. Raises BundleUnusable, with `source` in the messages."""
    folder = Path(source)
    contents = _verify(folder, files)
    manifest, reference = _manifest_and_reference(folder, contents)
    _check_product(folder / MANIFEST, manifest, product)
    tables = _tables(folder, contents, product)
    _check_consistency(folder / MANIFEST, manifest, tables)
    return ModelBundle(
        folder=folder,
        fingerprint=fingerprint_of(files),
        product=product,
        manifest=manifest,
        tables=tables,
        trees=contents[TREES].decode(),
        reference=reference,
    )


def read_bundle_files(folder: Path) -> dict[str, bytes]:
    """The files of a bundle by name, not verified. Raises BundleUnusable if one is missing."""
    if not folder.is_dir():
        raise BundleUnusable(folder, "the folder does not exist")
    checksums = _read(folder / CHECKSUMS)
    names = FILES if REFERENCE_BANDS.encode() in checksums else FILES_OF_LAYOUT_1
    return {CHECKSUMS: checksums} | {name: _read(folder / name) for name in names}


def fingerprint_of(files: Mapping[str, bytes]) -> str:
    """The SHA-256 of a bundle's checksum list, hexadecimal."""
    return hashlib.sha256(files[CHECKSUMS]).hexdigest()


def checksum_list(contents: dict[str, bytes]) -> bytes:
    """The checksum list in the format of `sha256sum`, sorted by name."""
    lines = (f"{hashlib.sha256(contents[name]).hexdigest()}  {name}\n" for name in sorted(contents))
    return "".join(lines).encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleUnusable(path, f"the file cannot be read ({error.strerror})") from error


def _verify(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    def content_of(name: str) -> bytes:
        if name not in files:
            raise BundleUnusable(folder / name, "the file is missing")
        return files[name]

    listed: dict[str, str] = {}
    for line in content_of(CHECKSUMS).decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    layout = FILES if REFERENCE_BANDS in listed else FILES_OF_LAYOUT_1
    if set(listed) != set(layout):
        differing = ", ".join(sorted(set(listed) ^ set(layout)))
        raise BundleUnusable(folder / CHECKSUMS, f"the list does not match the files of this layout: {differing}")
    contents = {name: content_of(name) for name in layout}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != listed[name]:
            raise BundleUnusable(
                folder / name, f"the content does not match {CHECKSUMS}: it is damaged or changed"
            )
    return contents


def _manifest_and_reference(folder: Path, contents: Mapping[str, bytes]) -> tuple[Manifest, ReferenceProfiles]:
    path, content = folder / MANIFEST, contents[MANIFEST]
    expected = (_FIRST_WITH_BANDS, SCHEMA) if REFERENCE_BANDS in contents else (1,)
    try:
        schema = msgspec.json.decode(content, type=dict[str, msgspec.Raw]).get("schema", msgspec.Raw(b"none"))
        if bytes(schema) not in {str(each).encode() for each in expected}:
            raise BundleUnusable(
                path,
                f"bundle layout {bytes(schema).decode()} with the files of layout "
                f"{' or '.join(map(str, expected))}; this program reads the layouts 1 to {SCHEMA}",
            )
        if REFERENCE_BANDS in contents:
            manifest = msgspec.json.decode(content, type=Manifest)
            return manifest, BandedReferenceProfiles(
                _bands(folder / REFERENCE_BANDS, contents[REFERENCE_BANDS], len(manifest.characteristics))
            )
        first = msgspec.json.decode(content, type=ManifestOfLayout1)
    except msgspec.DecodeError as error:
        raise BundleUnusable(path, f"not a valid manifest ({error})") from error
    if len(first.reference_profile) != len(first.characteristics):
        raise BundleUnusable(path, "the reference profile must cover every characteristic")
    return first.upgraded(), FixedReferenceProfile(first.reference_profile)


def _bands(path: Path, content: bytes, characteristics: int) -> Floats:
    bands = _array(path, content, np.dtype(np.float64))
    shape = (BANDS, 1 + characteristics)
    if bands.shape != shape or not np.isfinite(bands).all() or (bands[:, 0] < 0).any() or not bands[:, 0].any():
        raise BundleUnusable(path, f"the sums by PD band must be finite, of weights above 0, and of shape {shape}")
    return bands


def _tables(folder: Path, contents: dict[str, bytes], product: ProductDefinition) -> Tables:
    arrays = {}
    for name in ARRAY_NAMES:
        path = folder / f"{name}.npy"
        arrays[name] = _array(path, contents[path.name], DTYPES[name])
    tables = Tables(**arrays)
    try:
        tables.check(product)
    except (TablesInconsistent, IndexError, ValueError) as error:
        raise BundleUnusable(folder, f"the arrays are inconsistent ({error})") from error
    return tables


def _array(path: Path, content: bytes, dtype: Any) -> np.ndarray[Any, Any]:
    try:
        array: np.ndarray[Any, Any] = np.load(BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise BundleUnusable(path, f"not a valid array ({error})") from error
    if array.dtype != dtype:
        raise BundleUnusable(path, f"the array has type {array.dtype}, expected {dtype}")
    return array


def _check_product(path: Path, manifest: Manifest, product: ProductDefinition) -> None:
    trained_for = ProductVersion(manifest.product.name, manifest.product.version)
    if trained_for != product.product_version:
        raise BundleUnusable(path, f"the model is for product {trained_for}, not for {product.product_version}")
    if manifest.characteristics != product.characteristic_names:
        raise BundleUnusable(path, f"the model uses other characteristics: {', '.join(manifest.characteristics)}")
    words, numbers = set(product.categorical_names), set(product.characteristic_names)
    if (
        set(manifest.categories) != words
        or set(manifest.usual_categories) != words
        or set(manifest.number_ranges) != numbers - words
    ):
        raise BundleUnusable(path, "categories and ranges must cover every characteristic")


def _check_consistency(path: Path, manifest: Manifest, tables: Tables) -> None:
    for index, name in enumerate(manifest.characteristics):
        cells = int(tables.first_cell[index + 1] - tables.first_cell[index])
        if name in manifest.categories and cells != len(manifest.categories[name]) + 1:
            raise BundleUnusable(path, f"{name}: {len(manifest.categories[name])} categories, {cells} cells")
    for name in manifest.stand_ins.keys() - manifest.number_ranges.keys():
        raise BundleUnusable(path, f"{name}: a number stands in for it, but it is no number of the model")
    if not 0 <= manifest.trees_without_amount <= tables.tree_count:
        raise BundleUnusable(path, "more trees without the amount than trees")
