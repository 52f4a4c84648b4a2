"""Settings of referral cases."""

from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import whole_number

CASE_SETTINGS = (
    Setting(
        "case_lease_minutes",
        whole_number(1, 1440),
        "15",
        "Minutes for which a claimed referral case belongs to a person. Activity on the case renews them; "
        "afterwards the case is free for others.",
    ),
    Setting(
        "case_reassignment_hours",
        whole_number(1, 720),
        "8",
        "Hours for which a reassigned referral case waits for the person to whom it was given.",
    ),
)
