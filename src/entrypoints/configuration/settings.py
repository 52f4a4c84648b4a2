"""Settings, read once from the environment. What is wrong or missing stops the start, with every fault named.

`SETTINGS` is the one list of them; the table in README.md is made from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any

from entrypoints.configuration.database_address import database_address
from entrypoints.configuration.setting_readers import (
    address,
    existing_file,
    existing_folder,
    file_content,
    file_to_append,
    folder,
    networks,
    one_of,
    password,
    port,
    port_if_any,
    public_keys,
    rate,
    secret,
    secrets,
    text,
    whole_number,
    yes_or_no,
)

PREFIX = "SCORING_"
FILE_SUFFIX = "_FILE"


class InvalidSettings(Exception):
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
    max_connections: int
    metrics_host: str
    api_metrics_port: int | None
    ui_metrics_port: int | None
    worker_metrics_port: int | None
    data_dir: Path
    database_url: str | None
    redis_url: str | None
    prediction_cache: str
    model_dir: Path
    admin_password: str | None
    secret_key: str | None
    previous_secret_keys: tuple[str, ...]
    audit_key_file: Path | None
    audit_trusted_keys: tuple[bytes, ...]
    checkpoint_file: Path | None
    checkpoint_webhook_url: str | None
    token_minutes: int
    session_idle_minutes: int
    login_failures: int
    login_failures_per_name: int
    login_failures_per_address: int
    login_minutes: int
    trusted_proxies: tuple[str, ...]
    requests_per_second: int
    requests_at_once: int
    idempotency_days: int
    batch_days: int
    batch_max_rows: int
    batch_max_queued: int
    batch_max_queued_mb: int
    batch_memory_mb: int
    webhooks_anywhere: bool
    log_level: str
    log_format: str
    otlp_endpoint: str | None
    trace_sample_rate: float
    sentry_dsn: str | None


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment: how it is read, what it is when absent, and what it does."""

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str
    holds_secret: bool = False
    """Whether the value, or a part of it, is secret: such a setting may be given as a file as well."""

    @property
    def variable(self) -> str:
        """The variable's name in the environment."""
        return PREFIX + self.name.upper()

    @property
    def file_variable(self) -> str:
        """The variable that names a file with the value."""
        return self.variable + FILE_SUFFIX

    def given_in(self, environment: Mapping[str, str]) -> str:
        """The text given for it, from the environment or a file; raises ValueError, which never quotes it."""
        direct = environment.get(self.variable, "").strip()
        file = environment.get(self.file_variable, "").strip() if self.holds_secret else ""
        if not file:
            return direct or self.default
        if direct:
            raise ValueError(f"{self.file_variable} is set too; set only one of the two")
        return file_content(file)


SETTINGS: tuple[Setting, ...] = (
    Setting("host", text, "127.0.0.1", "Address that API and web interface listen on; `0.0.0.0` for all."),
    Setting("api_port", port, "8000", "Port of the API."),
    Setting(
        "api_workers",
        whole_number(1, 64),
        "1",
        "Processes that serve the API on its port, each with an audit chain of its own and a port of its own for "
        "metrics.",
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
        "max_connections",
        whole_number(10, 60_000),
        "1000",
        "How many connections each process of API and web interface keeps open; further ones get status 503.",
    ),
    Setting(
        "metrics_host",
        text,
        "127.0.0.1",
        "Address that the ports for metrics listen on; they ask for no password.",
    ),
    Setting(
        "api_metrics_port",
        port_if_any,
        "",
        "Port for metrics of the API, at `/metrics`; several API workers use this port and the ones after it. "
        "Empty: none.",
    ),
    Setting("ui_metrics_port", port_if_any, "", "Port for metrics of the web interface. Empty: none."),
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
        holds_secret=True,
    ),
    Setting(
        "redis_url",
        address("redis", "rediss", "unix"),
        "",
        "Redis or Valkey to use, `redis://host:port/0`. Empty: an embedded one, "
        "but `scoring serve` wants an address.",
        holds_secret=True,
    ),
    Setting(
        "prediction_cache",
        one_of("none", "shared"),
        "none",
        "`none`: every prediction is computed. `shared`: predictions are cached in Redis for all processes; worth "
        "it only for models that are slower than Redis.",
    ),
    Setting("model_dir", existing_folder, "models/champion", "Folder of the champion model's bundle."),
    Setting(
        "admin_password",
        password,
        "",
        "Password of the first user, `admin`: 12 characters or more, and not a common one. Used only while there "
        "is no user. Empty: one is generated and printed once, and must be changed at the first log-in.",
        holds_secret=True,
    ),
    Setting(
        "secret_key",
        secret,
        "",
        "Secret key that one key per purpose is derived from: access tokens, web sessions, log-in attempts, "
        "webhook secrets and, without `SCORING_AUDIT_KEY_FILE`, checkpoints; the same for all processes, random, "
        "at least 32 characters: `openssl rand -base64 48`. Empty: one is kept in the data folder.",
        holds_secret=True,
    ),
    Setting(
        "previous_secret_keys",
        secrets,
        "",
        "Earlier values of `SCORING_SECRET_KEY`, separated by commas: access tokens issued and checkpoints signed "
        "with them stay valid, nothing new is signed with them. Remove a value that has leaked.",
        holds_secret=True,
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
    Setting(
        "checkpoint_file",
        file_to_append,
        "",
        "File that the API appends a copy of each checkpoint to, one line of JSON each, on another machine's "
        "mount or an append-only medium; `scoring audit verify --since` compares the trail with it. Empty: none.",
    ),
    Setting(
        "checkpoint_webhook_url",
        address("http", "https"),
        "",
        "Address that the API posts a copy of each checkpoint to, signed with the secret that `scoring audit "
        "webhook-secret` prints. Empty: none.",
    ),
    Setting("token_minutes", whole_number(1, 1440), "60", "How long an access token is good for."),
    Setting(
        "session_idle_minutes",
        whole_number(5, 480),
        "30",
        "After how many minutes without a request from its user a session of the web interface ends; after 8 "
        "hours it ends anyway.",
    ),
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
        "batch_max_rows",
        whole_number(1, 1_000_000_000),
        "5000000",
        "The most rows that one batch may have.",
    ),
    Setting(
        "batch_max_queued",
        whole_number(1, 1_000_000),
        "20",
        "How many batches each caller may have queued or running; more get status 429.",
    ),
    Setting(
        "batch_max_queued_mb",
        whole_number(1, 1_000_000_000),
        "4096",
        "How many megabytes the files of these batches may have together, for each caller.",
    ),
    Setting(
        "batch_memory_mb",
        whole_number(256, 1_000_000),
        "1024",
        "Memory, in megabytes, that the process which reads a batch's file may use; a worker reads one file at a "
        "time. A file that needs more is refused.",
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
        "OpenTelemetry collector (OTLP over HTTP), `http://host:4318`. Empty: no traces.",
    ),
    Setting(
        "trace_sample_rate",
        rate,
        "1",
        "Share of new traces that are sampled, 0 to 1; a trace that a caller has begun (W3C `traceparent`) is "
        "sampled where the caller samples it.",
    ),
    Setting(
        "sentry_dsn",
        address("http", "https"),
        "",
        "Where unexpected errors are reported. Empty: nowhere.",
        holds_secret=True,
    ),
)


def read_settings(environment: Mapping[str, str], *, required: tuple[str, ...] = ()) -> Settings:
    """The configuration that the environment describes; raises InvalidSettings with every fault.

    `required` names settings that must not be empty for what is about to start.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            given = setting.given_in(environment)
            if not given and setting.name in required:
                faults.append(f"{setting.variable} is missing. {setting.meaning}")
            values[setting.name] = setting.read(given)
        except ValueError as fault:
            faults.append(f"{setting.variable}: {fault}")
    faults.extend(_ports_used_twice(values))
    faults.extend(_unknown(environment))
    if faults:
        raise InvalidSettings(faults)
    return Settings(**values)


def _ports_used_twice(values: Mapping[str, Any]) -> list[str]:
    ports = [setting for setting in SETTINGS if setting.name.endswith("_port") and values.get(setting.name)]
    workers = {"api_metrics_port": values.get("api_workers", 1)}  # each takes a port
    first = {each.name: values[each.name] for each in ports}
    used = {name: set(range(port, port + workers.get(name, 1))) for name, port in first.items()}
    return [
        f"{one.variable} and {other.variable}: must differ"
        for one, other in combinations(ports, 2)
        if used[one.name] & used[other.name]
    ]


def metrics_setting(process: str) -> Setting:
    """The setting of the port for metrics of a process ("api", "ui", "worker")."""
    return next(setting for setting in SETTINGS if setting.name == f"{process}_metrics_port")


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = [setting.variable for setting in SETTINGS]
    known += [setting.file_variable for setting in SETTINGS if setting.holds_secret]
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
        or_file = f" or `…{FILE_SUFFIX}`" if setting.holds_secret else ""
        lines.append(f"| `{setting.variable}`{or_file} | {default} | {setting.meaning} |")
    return "\n".join(lines)
