"""Settings of the page on which applicants see their application."""

from urllib.parse import urlsplit

from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import address, whole_number


def page_url(given: str) -> str | None:
    """The public address of the web interface, without a slash at the end; None when empty."""
    found = address("http", "https")(given)
    if found is None:
        return None
    parts = urlsplit(found)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("must have a host, and no user, query or fragment: https://loans.example.com/scoring")
    return found.rstrip("/")


APPLICANT_SETTINGS = (
    Setting(
        "applicant_page_url",
        page_url,
        "",
        "Public address under which applicants reach the web interface, such as https://loans.example.com. Links "
        "of applicants and letters begin with it. Empty: links work on this machine only, and not at all where "
        "the servers listen on other addresses.",
    ),
    Setting(
        "applicant_link_days",
        whole_number(1, 730),
        "60",
        "Days after which a link of an applicant expires.",
    ),
)
