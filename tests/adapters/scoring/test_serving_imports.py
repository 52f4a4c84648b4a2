"""Serving needs NumPy and no heavier library."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[3]
HEAVY = ("lightgbm", "sklearn", "scipy", "pandas", "numba", "polars", "dask", "distributed")
SERVE = f"""
import sys
from pathlib import Path
from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from domain.products.personal_loan import PERSONAL_LOAN
model = TableCreditModel(load_bundle(Path("models/champion"), PERSONAL_LOAN))
model.predict((5e4, 5.0, "RENT", 1e4, 36.0, "car", 700.0, 15.5, 25.0, 2.0, 0.0, 0.0))
print(",".join(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_serving_does_not_import_training_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
