"""Load tests of a running service with realistic requests and gates: `scripts/load`."""
