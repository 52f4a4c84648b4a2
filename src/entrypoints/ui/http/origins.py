"""Same-origin check: protects against cross-site request forgery."""

from starlette.datastructures import Headers

_OWN_SITES = {"same-origin", "none"}
"""Values of `Sec-Fetch-Site` for requests from our own pages, and from the address bar."""


def is_same_origin(headers: Headers, *, https_only: bool, null_allowed: bool = False) -> bool:
    """Whether `Origin` names this host, and `Sec-Fetch-Site` does not contradict it.

    The host is compared with the Host header, which a proxy must forward. Both schemes are accepted, because TLS
    may end at a proxy; with `https_only`, only https. `Origin: null` is another origin unless it is allowed.

    A request without `Origin` passes if `Sec-Fetch-Site` is absent or ours. Browsers send `Origin` with every POST
    and every WebSocket handshake, so only non-browser clients omit both headers, and another site's page cannot
    make those send a user's cookie.
    """
    if any(site not in _OWN_SITES for site in headers.getlist("sec-fetch-site")):
        return False
    schemes = ("https",) if https_only else ("http", "https")
    allowed = {f"{scheme}://{_without_default_port(scheme, headers.get('host', ''))}" for scheme in schemes}
    allowed |= {"null"} if null_allowed else set()
    return all(origin.lower() in allowed for origin in headers.getlist("origin"))


def _without_default_port(scheme: str, host: str) -> str:
    port = {"http": ":80", "https": ":443"}[scheme]
    return host.lower().removesuffix(port)
