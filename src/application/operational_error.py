"""Errors about the machine, the settings or the files given, which the operator can mend."""


class OperationalError(Exception):
    """The message says what is wrong and what to do; a traceback would only hide it."""
