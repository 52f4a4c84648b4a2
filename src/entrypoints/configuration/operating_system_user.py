"""The operating-system user who runs a command, as recorded in events."""

import os
import pwd

from domain.access.user_name import OPERATING_SYSTEM_PREFIX


def operating_system_user() -> str:
    """The account of the real user ID as `os:NAME`, or with its number where it has no name.

    `getpass.getuser()` trusts the variables LOGNAME and USER, which any user can set. The prefix distinguishes
    accounts of the operating system from users of the service.
    """
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = str(number)
    return f"{OPERATING_SYSTEM_PREFIX}{name}"
