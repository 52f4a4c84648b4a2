"""The addresses that the processes of the service are given: each with the rights of its own role.

Only embedded engines have them made here. An address from the settings is handed on as it is: what it may do is
the operator's choice, and `composition/own_rights.py` warns where that is too much.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from adapters.embedded import EmbeddedValkey
from adapters.persistence.database.privileges import API, WORKER
from adapters.persistence.database.service_logins import enable_logins
from entrypoints.configuration.settings import Settings

_ROLES = {"api": API, "ui": API, "worker": WORKER}
"""Which role of the database each process has, by the last word of its sub-command."""


def service_addresses(given: Settings, running: Settings) -> Mapping[str, Mapping[str, str]]:
    """Variables of the environment for each process, by its name.

    `given` are the operator's settings, `running` the same with the addresses of the embedded engines, whose
    database has been migrated.
    """
    database = dict.fromkeys(_ROLES, running.database_url or "")
    if given.database_url is None:
        by_role = asyncio.run(enable_logins(running.database_url or ""))
        database = {name: by_role[role] for name, role in _ROLES.items()}
    redis = running.redis_url or ""
    if given.redis_url is None:
        redis = EmbeddedValkey.service_address(redis)
    return {
        name: {
            "SCORING_DATABASE_URL": url,
            "SCORING_REDIS_URL": redis if name != "worker" else "",
            # A variable and its file must not both be set, and these processes inherit our environment.
            "SCORING_DATABASE_URL_FILE": "",
            "SCORING_REDIS_URL_FILE": "",
        }
        for name, url in database.items()
    }


def as_worker(given: Settings, running: Settings) -> Settings:
    """The settings of a worker that runs on the embedded database beside the service, or by itself."""
    if given.database_url is not None:
        return running
    return replace(running, database_url=asyncio.run(enable_logins(running.database_url or ""))[WORKER])
