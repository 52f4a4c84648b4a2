"""A running service for tests and benchmarks: start it, load it, kill it, and read its records."""
