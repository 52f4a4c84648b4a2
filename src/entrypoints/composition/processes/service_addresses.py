"""The addresses of the engines for each process of the service, with the rights of that process's role.

Logins are created here for embedded engines only. A configured address is passed on unchanged, and
`periodic_tasks/tasks.py` warns where its login has more rights than needed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from adapters.embedded import EmbeddedValkey
from adapters.persistence.database.privileges import API, WORKER
from adapters.persistence.database.service_logins import enable_logins
from entrypoints.configuration.settings import Settings

_ROLES = {"api": API, "ui": API, "worker": WORKER}
"""The database role of each process."""


def service_addresses(given: Settings, running: Settings) -> Mapping[str, Mapping[str, str]]:
    """The environment variables for each process, by its name.

    `given` are the operator's settings, `running` the same with the addresses of the embedded engines; the
    database must be migrated.
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
            # The processes inherit the environment, where a variable and its file must not both be set.
            "SCORING_DATABASE_URL_FILE": "",
            "SCORING_REDIS_URL_FILE": "",
        }
        for name, url in database.items()
    }


def as_worker(given: Settings, running: Settings) -> Settings:
    """The settings of a worker on the embedded database, with the rights of its role."""
    if given.database_url is not None:
        return running
    return replace(running, database_url=asyncio.run(enable_logins(running.database_url or ""))[WORKER])
