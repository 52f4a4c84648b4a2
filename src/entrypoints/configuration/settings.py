"""The configuration, read once from the environment. The process does not start with invalid settings.

`docs/configuration.md` is generated from `SETTING_GROUPS` (see `reference.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from domain.month import Month
from domain.products.product_definition import ProductDefinition
from entrypoints.configuration.access_settings import ACCESS_SETTINGS
from entrypoints.configuration.applicant_settings import APPLICANT_SETTINGS
from entrypoints.configuration.audit_settings import AUDIT_SETTINGS
from entrypoints.configuration.batch_settings import BATCH_SETTINGS
from entrypoints.configuration.case_settings import CASE_SETTINGS
from entrypoints.configuration.database_address import search_path_of
from entrypoints.configuration.notice_settings import NOTICE_SETTINGS
from entrypoints.configuration.observability_settings import OBSERVABILITY_SETTINGS
from entrypoints.configuration.server_settings import SERVER_SETTINGS
from entrypoints.configuration.service_links import without_service_links
from entrypoints.configuration.setting import PREFIX, Setting
from entrypoints.configuration.setting_readers import MAX_PORT
from entrypoints.configuration.storage_settings import STORAGE_SETTINGS
from entrypoints.http.tls.certificate_files import CertificateFiles

SETTING_GROUPS: Mapping[str, tuple[Setting, ...]] = {
    "Servers": SERVER_SETTINGS,
    "Storage and model": STORAGE_SETTINGS,
    "Access": ACCESS_SETTINGS,
    "Audit trail": AUDIT_SETTINGS,
    "Batches and retention": BATCH_SETTINGS,
    "Referral cases": CASE_SETTINGS,
    "Applicants": APPLICANT_SETTINGS,
    "Notices": NOTICE_SETTINGS,
    "Observability": OBSERVABILITY_SETTINGS,
}
SETTINGS = tuple(setting for group in SETTING_GROUPS.values() for setting in group)


class InvalidSettings(Exception):
    """The environment is not a valid configuration; `faults` has one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration. Without an address, an embedded engine runs in the data folder."""

    host: str
    api_port: int
    ui_port: int
    api_workers: int
    max_connections: int
    drain_seconds: int
    trusted_proxies: tuple[str, ...]
    root_path: str
    secure_cookies: bool
    tls_certificate_file: Path | None
    tls_key_file: Path | None
    tls_key_password: str | None
    data_dir: Path
    database_url: str | None
    database_pooler_url: str | None
    redis_url: str | None
    prediction_cache: str
    postgres_programs: Path | None
    product: ProductDefinition
    initial_policy: str | None
    model_dir: Path
    secret_key: str | None
    previous_secret_keys: tuple[str, ...]
    admin_password: str | None
    token: str | None
    access_token_minutes: int
    session_idle_minutes: int
    login_failure_limit: int
    login_failure_limit_per_username: int
    login_failure_limit_per_address: int
    login_failure_window_minutes: int
    rate_limit: int
    rate_limit_burst: int
    audit_key_file: Path | None
    audit_trusted_keys: tuple[bytes, ...]
    checkpoint_file: Path | None
    checkpoint_webhook_url: str | None
    audit_verification_hours: int
    audit_archived_months: tuple[Month, ...]
    idempotency_retention_days: int
    batch_retention_days: int
    case_lease_minutes: int
    case_reassignment_hours: int
    applicant_page_url: str | None
    applicant_link_days: int
    creditor_name: str
    creditor_address: tuple[str, ...]
    creditor_phone: str
    creditor_signatory: str
    regulator_name: str
    regulator_address: tuple[str, ...]
    agency_name: str
    agency_address: tuple[str, ...]
    agency_phone: str
    score_provider: str
    letter_paper: str
    notice_days: int
    notice_counter_offer_days: int
    notice_incomplete_days: int
    time_zone: ZoneInfo
    batch_max_rows: int
    batch_max_queued: int
    batch_max_queued_mb: int
    batch_memory_mb: int
    allow_insecure_webhooks: bool
    metrics_host: str
    api_metrics_port: int | None
    ui_metrics_port: int | None
    worker_metrics_port: int | None
    log_level: str
    log_format: str
    otlp_endpoint: str | None
    trace_sample_rate: float
    sentry_dsn: str | None
    environment: str

    @property
    def tls_files(self) -> CertificateFiles | None:
        """The certificate of the API and the web interface; None where they are served over plain HTTP."""
        if self.tls_certificate_file is None or self.tls_key_file is None:
            return None
        return CertificateFiles(self.tls_certificate_file, self.tls_key_file, self.tls_key_password)

    @property
    def https_only(self) -> bool:
        """Whether clients reach the API and the web interface over HTTPS only, here or at a proxy."""
        return self.secure_cookies or self.tls_files is not None


def read_settings(
    environment: Mapping[str, str], *, required: tuple[str, ...] = (), serves: bool = False
) -> Settings:
    """Read the configuration from the environment; raises InvalidSettings with every fault.

    `required` names settings that must not be empty for the process that is about to start. A process that
    `serves` the API or the web interface needs a TLS certificate that can be used, if one is given.
    """
    environment = without_service_links(environment)
    faults: list[str] = []
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            given = setting.given_in(environment)
            if not given and setting.name in required:
                faults.append(f"{setting.variable} is missing. {setting.meaning}")
            values[setting.name] = setting.read(given)
        except ValueError as fault:
            faults.append(f"{setting.label_in(environment)}: {fault}")
    if values.get("database_pooler_url") and not values.get("database_url"):
        faults.append(
            f"{PREFIX}DATABASE_POOLER_URL: set {PREFIX}DATABASE_URL too, to the database behind the pooler"
        )
    faults.extend(_different_schemas(values))
    faults.extend(_unusable_ports(values))
    faults.extend(_unusable_certificate(values, load=serves))
    faults.extend(_unknown_variables(environment))
    if faults:
        raise InvalidSettings(faults)
    return Settings(**values)


def deprecations(environment: Mapping[str, str]) -> list[str]:
    """A warning for each variable that is given under its former name."""
    return [warning for setting in SETTINGS if (warning := setting.deprecation_in(environment))]


def metrics_setting(process: str) -> Setting:
    """The setting of the metrics port of a process ("api", "ui", "worker")."""
    return next(setting for setting in SETTINGS if setting.name == f"{process}_metrics_port")


def _different_schemas(values: Mapping[str, Any]) -> list[str]:
    database, pooler = values.get("database_url"), values.get("database_pooler_url")
    if not database or not pooler or search_path_of(database) == search_path_of(pooler):
        return []
    return [f"{PREFIX}DATABASE_URL and {PREFIX}DATABASE_POOLER_URL: must have the same search_path"]


def _unusable_ports(values: Mapping[str, Any]) -> list[str]:
    ports = [setting for setting in SETTINGS if setting.name.endswith("_port") and values.get(setting.name)]
    workers = {"api_metrics_port": values.get("api_workers", 1)}  # each of them uses a port
    first = {setting.name: values[setting.name] for setting in ports}
    used = {name: range(port, port + workers.get(name, 1)) for name, port in first.items()}
    faults = [
        f"{one.variable} and {other.variable}: must differ"
        for one, other in combinations(ports, 2)
        if set(used[one.name]) & set(used[other.name])
    ]
    if used.get("api_metrics_port", range(1))[-1] > MAX_PORT:
        faults.append(
            f"{PREFIX}API_METRICS_PORT and {PREFIX}API_WORKERS: each worker uses one port from "
            f"{first['api_metrics_port']} on, and the last of them must not exceed {MAX_PORT}"
        )
    return faults


def _unusable_certificate(values: Mapping[str, Any], *, load: bool) -> list[str]:
    certificate, key = values.get("tls_certificate_file"), values.get("tls_key_file")
    names = f"{PREFIX}TLS_CERTIFICATE_FILE and {PREFIX}TLS_KEY_FILE"
    if (certificate is None) != (key is None):
        return [f"{names}: set both, or neither"]
    if certificate is None or key is None or not load:
        return []
    from entrypoints.http.tls.certificate import InvalidCertificate, load_certificate  # noqa: PLC0415 - slow to import

    try:
        load_certificate(CertificateFiles(certificate, key, values.get("tls_key_password")))
    except InvalidCertificate as invalid:
        return [f"{names}: {fault}" for fault in invalid.faults]
    return []


def _unknown_variables(environment: Mapping[str, str]) -> list[str]:
    known = [variable for setting in SETTINGS for variable in setting.accepted_variables]
    faults = []
    for variable in sorted(environment):
        if variable.startswith(PREFIX) and variable not in known:
            similar = get_close_matches(variable, known, n=1)
            hint = f"; did you mean {similar[0]}?" if similar else ""
            faults.append(f"{variable}: unknown setting{hint}")
    return faults
