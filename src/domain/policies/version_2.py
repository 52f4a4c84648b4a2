"""Version 2 of the personal loan's policy. It is archived by fingerprint, so it must never change."""

from dataclasses import replace

from domain.policies.version_1 import POLICY_1

_RATIONALE = """
Version 2 has the rules, cut-offs and rates of version 1. A characteristic is a reason only if it raises the
log-odds by at least 0.05 above those who are just approved: that moves a PD of 14 % by 0.6 points, less than a
refitted model does. Confidence is the probability of the same outcome under a refitted model.
"""

POLICY_2 = replace(
    POLICY_1, version="2", schema=3, smallest_reason=0.05, rationale=POLICY_1.rationale + _RATIONALE
)
"""The built-in policy before version 3."""
