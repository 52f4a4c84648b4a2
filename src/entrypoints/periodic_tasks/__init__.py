"""Work that a running process does in the background, at intervals."""
