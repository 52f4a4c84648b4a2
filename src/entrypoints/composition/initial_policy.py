"""The policy of a database in which no policy was activated yet.

Only this module and the training of models may import the built-in policy: everything else asks the port
`PolicyInForce`.
"""

from domain.policies.version_1 import POLICY_1

INITIAL_POLICY = POLICY_1
