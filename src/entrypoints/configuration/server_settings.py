"""Settings of the API and the web interface as servers."""

from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import (
    file_path,
    networks,
    optional_text,
    port,
    root_path,
    text,
    whole_number,
    yes_or_no,
)

SERVER_SETTINGS = (
    Setting(
        "host",
        text,
        "127.0.0.1",
        "Address that the API and the web interface listen on; `0.0.0.0` for all addresses.",
    ),
    Setting("api_port", port, "8000", "Port of the API."),
    Setting("ui_port", port, "8501", "Port of the web interface."),
    Setting(
        "api_workers",
        whole_number(1, 64),
        "1",
        "Number of processes that serve the API on its port. Each has its own audit chain and metrics port.",
    ),
    Setting(
        "max_connections",
        whole_number(10, 60_000),
        "1000",
        "Maximum number of open connections per process of the API and the web interface; further ones get "
        "status 503.",
    ),
    Setting(
        "drain_seconds",
        whole_number(0, 60),
        "0",
        "Drain period: how long the API continues to answer requests after SIGTERM, while `/health/ready` "
        "returns 503 and load balancers move to other replicas.",
        deprecated_name="notice_seconds",
    ),
    Setting(
        "trusted_proxies",
        networks,
        "",
        "Comma-separated addresses and networks of proxies whose `X-Forwarded-For` header is trusted. Behind a "
        "proxy that is not listed, every client has the proxy's address.",
    ),
    Setting(
        "root_path",
        root_path,
        "",
        "Path under which a proxy serves the API and the web interface, such as `/scoring`. The proxy may remove "
        "it from requests, which is faster for decisions, or leave it. Empty: the root of the host.",
    ),
    Setting(
        "secure_cookies",
        yes_or_no,
        "no",
        "`yes`: serve the web interface over HTTPS only. Cookies are sent over HTTPS only, browsers enforce "
        "HTTPS for a year (HSTS), and forms must be sent from an HTTPS page. Use it behind a proxy that "
        "terminates TLS. Implied by `SCORING_TLS_CERTIFICATE_FILE`.",
    ),
    Setting(
        "tls_certificate_file",
        file_path,
        "",
        "PEM file with the certificate of the API and the web interface, followed by its intermediates. Both are "
        "then served over HTTPS only. A changed file is used within seconds, without a restart. Empty: HTTP.",
    ),
    Setting(
        "tls_key_file",
        file_path,
        "",
        "PEM file with the private key of the certificate. It may be the same file.",
    ),
    Setting(
        "tls_key_password",
        optional_text,
        "",
        "Password of an encrypted private key.",
        holds_secret=True,
    ),
)
