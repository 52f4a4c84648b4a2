"""Messages to callers' own addresses: signed, and never into networks that are ours alone.

Also copies of checkpoints, to where the operator wants them published.
"""
