"""Work that nobody waits for: rounds of a task, again and again, until the process is asked to stop."""
