"""In-memory adapters for tests. They pass the same contract suites as the real adapters (tests/contracts)."""
