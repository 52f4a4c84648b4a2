"""Files of the project that tests read."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CHAMPION = PROJECT / "models" / "champion"
DECISION_OF_VERSION_0_1 = PROJECT / "tests" / "upgrades" / "documents" / "decision-1.json"
