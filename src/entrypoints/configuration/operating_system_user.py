"""Who runs a command, as recorded with what it does."""

import os
import pwd

from domain.access.user_name import OPERATING_SYSTEM_PREFIX


def operating_system_user() -> str:
    """The account of the real user ID, `os:NAME`; its number where it has no name.

    `getpass.getuser()` would believe LOGNAME and USER, which anybody can set. The prefix keeps accounts of the
    machine apart from users of the service.
    """
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = str(number)
    return f"{OPERATING_SYSTEM_PREFIX}{name}"
