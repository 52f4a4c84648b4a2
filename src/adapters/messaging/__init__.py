"""Messages to callers' own addresses: signed, and never into networks that are ours alone."""
