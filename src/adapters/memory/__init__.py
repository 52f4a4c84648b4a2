"""Adapters that keep their data in the memory of one process; it is lost when the process ends."""
