"""The loop of a worker process."""
