"""Model bundles for tests as files by name: the champion's, and a different one."""

import json

from adapters.scoring.bundles.bundle import (
    CHECKSUMS,
    FILES,
    MANIFEST,
    checksum_list,
    fingerprint_of,
    read_bundle_files,
)
from entrypoints.configuration.setting_readers import PROJECT

CHAMPION = read_bundle_files(PROJECT / "models" / "champion")
CHAMPION_FINGERPRINT = fingerprint_of(CHAMPION)


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
