"""Errors in the environment, settings or files, which the operator can fix."""


class OperationalError(Exception):
    """The message says what is wrong and what to do, so no traceback is shown."""
