"""What decided, and is not kept here."""


class VersionNotArchived(Exception):
    """The model or policy of this fingerprint is not kept here, or not as it was; the text says which and why."""
