"""Settings, read once from the environment. What is wrong or missing stops the start, with every fault named.

`SETTINGS` is the one list of them; the table in README.md is made from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from entrypoints.database_address import database_address
from entrypoints.setting_readers import (
    address,
    existing_file,
    existing_folder,
    folder,
    networks,
    one_of,
    password,
    port,
    port_if_any,
    public_keys,
    secret,
    text,
    whole_number,
    yes_or_no,
)

PREFIX = "SCORING_"


class SettingsRefused(Exception):
    """The environment does not make a configuration; `faults` has one line a fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration. Addresses that are None mean: run an engine of our own in the data folder."""

    host: str
    api_port: int
    api_workers: int
    notice_seconds: int
    ui_port: int
    secure_cookies: bool
    worker_metrics_port: int | None
    data_dir: Path
    database_url: str | None
    redis_url: str | None
    prediction_cache: str
    model_dir: Path
    admin_password: str | None
    secret_key: str | None
    audit_key_file: Path | None
    audit_trusted_keys: tuple[bytes, ...]
    token_minutes: int
    login_failures: int
    login_failures_per_name: int
    login_failures_per_address: int
    login_minutes: int
    trusted_proxies: tuple[str, ...]
    requests_per_second: int
    requests_at_once: int
    idempotency_days: int
    batch_days: int
    webhooks_anywhere: bool
    log_level: str
    log_format: str
    otlp_endpoint: str | None
    sentry_dsn: str | None


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment: how it is read, what it is when absent, and what it does."""

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str

    @property
    def variable(self) -> str:
        """The variable's name in the environment."""
        return PREFIX + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("host", text, "127.0.0.1", "Address that API and web interface listen on; `0.0.0.0` for all."),
    Setting("api_port", port, "8000", "Port of the API."),
    Setting(
        "api_workers",
        whole_number(1, 64),
        "1",
        "Processes that serve the API on its port, each with an audit chain of its own. With more than one, "
        "`/metrics` speaks for all of them, each with its label `worker`.",
    ),
    Setting(
        "notice_seconds",
        whole_number(0, 60),
        "0",
        "How long the API, asked to stop, goes on answering while `/health/ready` says 503 and a balancer turns "
        "to other replicas.",
    ),
    Setting("ui_port", port, "8501", "Port of the web interface."),
    Setting(
        "secure_cookies",
        yes_or_no,
        "no",
        "`yes`: the web interface is used over HTTPS alone. Its cookies are sent nowhere else, browsers remember "
        "it for a year, and forms must come from a page with https. Set it behind a proxy that ends TLS.",
    ),
    Setting(
        "worker_metrics_port",
        port_if_any,
        "",
        "Port for metrics of `scoring worker`; of several on one machine each needs its own. Empty: none.",
    ),
    Setting("data_dir", folder, "data", "Folder of the embedded engines' data and of generated secrets."),
    Setting(
        "database_url",
        database_address,
        "",
        "PostgreSQL to use, `postgresql://user:password@host:port/name`. Empty: an embedded one, "
        "but `scoring serve` wants an address.",
    ),
    Setting(
        "redis_url",
        address("redis", "rediss", "unix"),
        "",
        "Redis or Valkey to use, `redis://host:port/0`. Empty: an embedded one, "
        "but `scoring serve` wants an address.",
    ),
    Setting(
        "prediction_cache",
        one_of("none", "shared"),
        "none",
        "`none`: every prediction is made anew. `shared`: predictions are remembered in Redis for all processes, "
        "and the last of each in its own memory; worth it only for models that are slower than asking Redis.",
    ),
    Setting("model_dir", existing_folder, "models/champion", "Folder of the champion model's bundle."),
    Setting(
        "admin_password",
        password,
        "",
        "Password of the first user, `admin`; counts only while there is no user. "
        "Empty: one is generated and printed once.",
    ),
    Setting(
        "secret_key",
        secret,
        "",
        "Key of access tokens, web sessions, webhooks' secrets and, without `SCORING_AUDIT_KEY_FILE`, "
        "checkpoints; the same for all processes. To change it later, let `SCORING_AUDIT_TRUSTED_KEYS` name the "
        "key that `scoring audit key` printed before. Empty: one is kept in the data folder.",
    ),
    Setting(
        "audit_key_file",
        existing_file,
        "",
        "File of the Ed25519 private key that signs the audit trail's checkpoints, PEM or 32 bytes. "
        "Empty: derived from the secret key where that is set, else kept in the data folder.",
    ),
    Setting(
        "audit_trusted_keys",
        public_keys,
        "",
        "Public keys, hexadecimal, between commas, that are trusted for checkpoints besides the service's own.",
    ),
    Setting("token_minutes", whole_number(1, 1440), "60", "How long an access token is good for."),
    Setting(
        "login_failures",
        whole_number(1, 1_000_000),
        "10",
        "How often logging in may fail for one user name from one address, in the API and the web interface "
        "together, on all replicas; then status 429 until one try has come back.",
    ),
    Setting(
        "login_failures_per_name",
        whole_number(1, 1_000_000),
        "50",
        "The same for one user name from all addresses, but for those where it logged in within 30 days: "
        "strangers elsewhere lock nobody out there.",
    ),
    Setting(
        "login_failures_per_address",
        whole_number(1, 1_000_000),
        "50",
        "The same from one address (IPv6: one /64 network) for all user names that did not log in there within "
        "30 days.",
    ),
    Setting(
        "login_minutes",
        whole_number(1, 1440),
        "15",
        "In how long all tries come back, one after the other.",
    ),
    Setting(
        "trusted_proxies",
        networks,
        "",
        "Addresses and networks of proxies, between commas, whose `X-Forwarded-For` says where a request comes "
        "from. Behind a proxy that is not named here everybody has one address: the proxy's.",
    ),
    Setting(
        "requests_per_second",
        whole_number(0, 1_000_000),
        "0",
        "How many requests a second each caller (the name in the access token) may send the API, in the long run; "
        "more get status 429. Each process counts for itself. 0: any number.",
    ),
    Setting(
        "requests_at_once",
        whole_number(1, 1_000_000),
        "100",
        "How many of them may come all at once, after a while without any.",
    ),
    Setting(
        "idempotency_days",
        whole_number(1, 3650),
        "30",
        "How long an `Idempotency-Key` stands for its first answer, at least; then it is deleted.",
    ),
    Setting(
        "batch_days",
        whole_number(1, 3650),
        "365",
        "How long a batch that has ended is kept, with its results and errors; its decisions stay on record.",
    ),
    Setting(
        "webhooks_anywhere",
        yes_or_no,
        "no",
        "`yes`: webhooks may go to private addresses and over plain HTTP. `no`: only HTTPS to public addresses.",
    ),
    Setting("log_level", one_of("debug", "info", "warning", "error"), "info", "The least level logged."),
    Setting(
        "log_format",
        one_of("auto", "json", "console"),
        "auto",
        "`json` lines, `console` for people, `auto`: console on a terminal.",
    ),
    Setting(
        "otlp_endpoint",
        address("http", "https"),
        "",
        "OpenTelemetry collector (OTLP over HTTP), `http://host:4318`. Empty: no traces. With traces each request "
        "is answered by itself, which costs more.",
    ),
    Setting("sentry_dsn", address("http", "https"), "", "Where unexpected errors are reported. Empty: nowhere."),
)


def read_settings(environment: Mapping[str, str], *, required: tuple[str, ...] = ()) -> Settings:
    """The configuration that the environment describes; raises SettingsRefused with every fault.

    `required` names settings that must not be empty for what is about to start.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        given = environment.get(setting.variable, "").strip() or setting.default
        if not given and setting.name in required:
            faults.append(f"{setting.variable} is missing. {setting.meaning}")
        try:
            values[setting.name] = setting.read(given)
        except ValueError as fault:
            faults.append(f"{setting.variable}: {fault}")
    if "api_port" in values and values["api_port"] == values.get("ui_port"):
        faults.append("SCORING_API_PORT and SCORING_UI_PORT: must differ")
    faults.extend(_unknown(environment))
    if faults:
        raise SettingsRefused(faults)
    return Settings(**values)


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = [setting.variable for setting in SETTINGS]
    faults = []
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known:
            near = get_close_matches(variable, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            faults.append(f"{variable}: there is no such setting{hint}")
    return faults


def settings_table() -> str:
    """The settings as a Markdown table, for README.md."""
    lines = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for setting in SETTINGS:
        default = f"`{setting.default}`" if setting.default else "empty"
        lines.append(f"| `{setting.variable}` | {default} | {setting.meaning} |")
    return "\n".join(lines)
