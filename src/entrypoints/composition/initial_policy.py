"""The policy of a database in which no policy was activated yet.

Only this module may import the built-in policy: everything else asks the port
`PolicyInForce`.
"""

from application.operational_error import OperationalError
from domain.policies.policy_file import policy_in_file
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import InvalidPolicy
from domain.policies.version_1 import POLICY_1
from domain.policies.version_3 import POLICY_3
from entrypoints.configuration.settings import Settings


class NoInitialPolicy(OperationalError):
    """No policy was activated yet, and none that is for the product is configured."""


class PolicyUnusable(OperationalError):
    """The policy in force cannot be used, for example because it is for another product."""

    def __init__(self, fault: Exception) -> None:
        super().__init__(
            f"The policy in force cannot be used: {fault}. Start with the SCORING_PRODUCT of this database, or "
            "put a policy for the present one in force with `scoring policies activate --change-product`."
        )


POLICY_OF_RELEASE_0_1 = POLICY_1
"""Release 0.1 decided by it without an activation. It stays in force where it is archived."""


def initial_policy(settings: Settings) -> ScoringPolicy:
    """The configured policy, or the built-in one of the personal loan; raises NoInitialPolicy."""
    if settings.initial_policy is not None:
        try:
            return policy_in_file(settings.initial_policy, settings.product)
        except InvalidPolicy as fault:
            raise NoInitialPolicy(f"SCORING_INITIAL_POLICY cannot be used: {fault}") from fault
    if settings.product.product_version != POLICY_3.product.product_version:
        raise NoInitialPolicy(
            f"No policy for {settings.product.product_version} was activated yet: set SCORING_INITIAL_POLICY to a "
            "file with one."
        )
    return POLICY_3
