"""The error for a version that cannot be loaded."""


class VersionNotArchived(Exception):
    """The model or policy is not archived, or was altered. The message says which and why."""


class ArchivedForOtherProduct(VersionNotArchived):
    """The policy is archived, but for another product."""
