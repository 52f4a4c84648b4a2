"""First-class adapters that keep everything in the process: for tests, examples and trying out.

They sign the same contracts as the real ones (tests/contracts); what they hold is gone with the process.
"""
