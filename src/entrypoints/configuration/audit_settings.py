"""Settings of the audit trail's checkpoints."""

from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import (
    address,
    existing_file,
    file_to_append,
    months,
    public_keys,
    whole_number,
)

AUDIT_SETTINGS = (
    Setting(
        "audit_key_file",
        existing_file,
        "",
        "File of the Ed25519 private key that signs checkpoints, PEM or 32 bytes. Empty: derived from the secret "
        "key where that is set, otherwise generated in the data folder.",
    ),
    Setting(
        "audit_trusted_keys",
        public_keys,
        "",
        "Comma-separated public keys in hexadecimal that are trusted for checkpoints, besides the service's own.",
    ),
    Setting(
        "checkpoint_file",
        file_to_append,
        "",
        "File to which the API appends a copy of each checkpoint, one line of JSON each, on another machine's "
        "mount or an append-only medium; `scoring audit verify --since` compares the trail with it. Empty: none.",
    ),
    Setting(
        "checkpoint_webhook_url",
        address("http", "https"),
        "",
        "Address to which the API posts a copy of each checkpoint, signed with the secret that `scoring audit "
        "webhook-secret` prints. Empty: none.",
    ),
    Setting(
        "audit_verification_hours",
        whole_number(0, 168),
        "24",
        "Hours between verifications of the audit trail, which one API process makes in the background: of what "
        "was added since the last one, and once a week of everything. 0: none; run `scoring audit verify` daily.",
    ),
    Setting(
        "audit_archived_months",
        months,
        "",
        "Comma-separated months whose decisions were archived and dropped, such as 2024-12. Verifications check "
        "only their audit entries, and report every other missing record.",
    ),
)
