"""Variables that Kubernetes adds to every container for each Service of the namespace.

A Service named `scoring` or `scoring-api` gives variables that begin like settings, such as `SCORING_SERVICE_HOST`
and `SCORING_API_PORT=tcp://10.96.12.7:8000`, unless the pod has `enableServiceLinks: false`.
"""

import re
from collections.abc import Mapping

from entrypoints.configuration.setting import PREFIX

_NAME = re.compile(
    rf"{PREFIX}(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)", re.ASCII
)
_PORT = re.compile(rf"{PREFIX}(\w+_)?PORT", re.ASCII)
_ADDRESS = re.compile(r"(tcp|udp|sctp)://\S+:[0-9]+")


def without_service_links(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without these variables; a port that is an address is not a setting."""
    return {name: value for name, value in environment.items() if not _is_service_link(name, value)}


def _is_service_link(name: str, value: str) -> bool:
    if _NAME.fullmatch(name):
        return True
    return bool(_PORT.fullmatch(name) and _ADDRESS.fullmatch(value.strip()))
