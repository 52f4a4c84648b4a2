"""Whether a request came from a page of this interface, so that no other site acts in a user's name."""

from starlette.datastructures import Headers

_OWN_SITES = {"same-origin", "none"}
"""What `Sec-Fetch-Site` says of our own pages, and of an address that the user typed."""


def is_same_origin(headers: Headers, *, https_only: bool) -> bool:
    """Whether `Origin` names this host, and `Sec-Fetch-Site` does not contradict it.

    The host is compared with the Host header, which a proxy must pass on. The scheme may be either, because TLS
    may end at a proxy; with `https_only` it is https. `Origin: null` is another origin.

    A request without `Origin` passes if `Sec-Fetch-Site` is absent or ours. Browsers send `Origin` with every
    POST and every WebSocket handshake, so only programs send neither header, and no page of another site can make
    a program send a user's cookie.
    """
    if any(site not in _OWN_SITES for site in headers.getlist("sec-fetch-site")):
        return False
    schemes = ("https",) if https_only else ("http", "https")
    allowed = {f"{scheme}://{_without_default_port(scheme, headers.get('host', ''))}" for scheme in schemes}
    return all(origin.lower() in allowed for origin in headers.getlist("origin"))


def _without_default_port(scheme: str, host: str) -> str:
    port = {"http": ":80", "https": ":443"}[scheme]
    return host.lower().removesuffix(port)
