"""Model bundles for tests as files by name: the champion's, its form of the first release, and a different one."""

import json
from pathlib import Path

from adapters.scoring.bundles.bundle import (
    CHECKSUMS,
    FILES,
    FILES_OF_LAYOUT_1,
    MANIFEST,
    checksum_list,
    fingerprint_of,
    read_bundle_files,
)
from entrypoints.configuration.setting_readers import PROJECT

CHAMPION = read_bundle_files(PROJECT / "models" / "champion")
CHAMPION_FINGERPRINT = fingerprint_of(CHAMPION)
_LAYOUT_1 = Path(__file__).with_name("champion_1.0.1")
"""What differs between the champion 1.0.1, of layout 1, and 1.1.0: trees and tables are the same."""


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
    """The champion of release 0.1.0, byte for byte."""
    kept = {name: CHAMPION[name] for name in FILES_OF_LAYOUT_1}
    return kept | {file.name: file.read_bytes() for file in _LAYOUT_1.iterdir()}
