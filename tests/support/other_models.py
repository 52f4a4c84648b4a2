"""Model bundles for tests as files by name: the champion's, its forms of earlier releases, and a different one."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec

from adapters.scoring.bundles.bundle import (
    CHECKSUMS,
    FILES,
    FILES_OF_LAYOUT_1,
    MANIFEST,
    TREES,
    checksum_list,
    fingerprint_of,
    read_bundle_files,
)
from adapters.scoring.bundles.manifest import Calibration, NumberRange
from adapters.scoring.compiling.compile_tables import compile_tables
from adapters.scoring.tables import ARRAY_NAMES, DTYPES
from adapters.scoring.training.write_bundle import array_bytes
from domain.products.personal_loan import PERSONAL_LOAN
from entrypoints.configuration.setting_readers import PROJECT

CHAMPION = read_bundle_files(PROJECT / "models" / "champion")
CHAMPION_FINGERPRINT = fingerprint_of(CHAMPION)
_BEFORE = Path(__file__).parent
"""Folders with what cannot be compiled from the champion's trees, which are those of 1.0.1 and 1.1.0."""


def another_model(version: str = "9.9.9") -> dict[str, bytes]:
    """The champion's trees with a somewhat higher risk for every applicant."""
    manifest = json.loads(CHAMPION[MANIFEST])
    riskier = 2**43  # a quarter, in units of 2**-45
    changed = {
        "model_version": version,
        "base": manifest["base"] + riskier,
        "intercept": manifest["intercept"] + riskier,
    }
    files = {name: CHAMPION[name] for name in FILES} | {MANIFEST: json.dumps(manifest | changed).encode()}
    return files | {CHECKSUMS: checksum_list(files)}


def champion_of_layout_1() -> dict[str, bytes]:
    """The champion of release 0.1.0, 1.0.1, byte for byte."""
    return _champion("1.0.1", FILES_OF_LAYOUT_1)


def champion_of_layout_2() -> dict[str, bytes]:
    """The champion 1.1.0, byte for byte."""
    return _champion("1.1.0", FILES)


def training_ranges() -> dict[str, NumberRange]:
    """Both ends of each number's range in the loans that the champion was trained on."""
    return msgspec.convert(json.loads(champion_of_layout_2()[MANIFEST])["number_ranges"], dict[str, NumberRange])


def _champion(version: str, names: Sequence[str]) -> dict[str, bytes]:
    own = {file.name: file.read_bytes() for file in (_BEFORE / f"champion_{version}").iterdir()}
    return {name: CHAMPION[name] for name in names} | _tables_without_stand_ins() | own


@cache
def _tables_without_stand_ins() -> dict[str, bytes]:
    """The tables of the champion's trees as releases before 0.2 compiled them."""
    calibration = msgspec.convert(json.loads(CHAMPION[MANIFEST])["calibration"], Calibration)
    tables = compile_tables(CHAMPION[TREES].decode(), calibration, PERSONAL_LOAN).tables
    return {f"{name}.npy": array_bytes(getattr(tables, name), DTYPES[name]) for name in ARRAY_NAMES}
