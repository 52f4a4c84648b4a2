"""Settings of keys, users, tokens, sessions and rate limits."""

from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import optional_text, password, secret, secrets, whole_number

ACCESS_SETTINGS = (
    Setting(
        "secret_key",
        secret,
        "",
        "Secret from which a key is derived for each purpose: access tokens, web sessions, login attempts, "
        "webhook secrets and, without `SCORING_AUDIT_KEY_FILE`, checkpoints. Must be the same for all processes, "
        "random, and at least 32 characters: `openssl rand -base64 48`. Empty: a key is generated in the data "
        "folder.",
        holds_secret=True,
    ),
    Setting(
        "previous_secret_keys",
        secrets,
        "",
        "Comma-separated former values of `SCORING_SECRET_KEY`, which still verify access tokens and checkpoints "
        "but sign nothing new. Remove a value that has leaked.",
        holds_secret=True,
    ),
    Setting(
        "admin_password",
        password,
        "",
        "Password of the first user, `admin`: at least 12 characters, without `admin`, and not a common one. Used "
        "only while there is no user. Empty: one is generated, printed once, and must be changed at the first "
        "login.",
        holds_secret=True,
    ),
    Setting(
        "token",
        optional_text,
        "",
        "Access token of the person who runs a command, for the audit trail: its user is then the actor, and the "
        "account of the operating system is recorded too. Empty: the actor is that account, `os:NAME`.",
        holds_secret=True,
    ),
    Setting(
        "access_token_minutes",
        whole_number(1, 1440),
        "60",
        "Lifetime of an access token in minutes.",
        deprecated_name="token_minutes",
    ),
    Setting(
        "session_idle_minutes",
        whole_number(5, 480),
        "30",
        "Idle timeout of a session in the web interface, in minutes. A session always ends after 8 hours.",
    ),
    Setting(
        "login_failure_limit",
        whole_number(1, 1_000_000),
        "10",
        "Maximum number of failed logins for one username from one address, across the API, the web interface "
        "and all replicas. Further attempts get status 429 until the limit recovers.",
        deprecated_name="login_failures",
    ),
    Setting(
        "login_failure_limit_per_username",
        whole_number(1, 1_000_000),
        "50",
        "The same for one username from all addresses, except those where the user logged in within 30 days, so "
        "that an attacker elsewhere cannot lock the user out.",
        deprecated_name="login_failures_per_name",
    ),
    Setting(
        "login_failure_limit_per_address",
        whole_number(1, 1_000_000),
        "50",
        "The same for one address (IPv6: one /64 network), for all usernames that did not log in there within 30 "
        "days.",
        deprecated_name="login_failures_per_address",
    ),
    Setting(
        "login_failure_window_minutes",
        whole_number(1, 1440),
        "15",
        "Minutes in which these limits recover completely, one attempt at a time.",
        deprecated_name="login_minutes",
    ),
    Setting(
        "rate_limit",
        whole_number(0, 1_000_000),
        "0",
        "Maximum sustained requests per second for each caller (the name in the access token), per API process; "
        "further ones get status 429. 0: unlimited.",
        deprecated_name="requests_per_second",
    ),
    Setting(
        "rate_limit_burst",
        whole_number(1, 1_000_000),
        "100",
        "Maximum burst of requests for each caller, above the sustained rate.",
        deprecated_name="requests_at_once",
    ),
)
