"""The steps of the features, the same for every driver. Importing a module registers its steps and fixtures."""

from acceptance.access_steps import *  # noqa: F403
from acceptance.application_life_steps import *  # noqa: F403
from acceptance.application_steps import *  # noqa: F403
from acceptance.audit_steps import *  # noqa: F403
from acceptance.batch_steps import *  # noqa: F403
from acceptance.bureau_steps import *  # noqa: F403
from acceptance.case_steps import *  # noqa: F403
from acceptance.counterfactual_steps import *  # noqa: F403
from acceptance.duplicate_steps import *  # noqa: F403
from acceptance.evidence_steps import *  # noqa: F403
from acceptance.identity_steps import *  # noqa: F403
from acceptance.letter_steps import *  # noqa: F403
from acceptance.notice_steps import *  # noqa: F403
from acceptance.outcome_steps import *  # noqa: F403
from acceptance.override_steps import *  # noqa: F403
from acceptance.overview_steps import *  # noqa: F403
from acceptance.policy_steps import *  # noqa: F403
from acceptance.product_steps import *  # noqa: F403
from acceptance.reconsideration_steps import *  # noqa: F403
from acceptance.record_steps import *  # noqa: F403
from acceptance.reference_steps import *  # noqa: F403
from acceptance.resolution_steps import *  # noqa: F403
from acceptance.scenario_state import *  # noqa: F403
from acceptance.vintage_steps import *  # noqa: F403
from acceptance.webhook_steps import *  # noqa: F403
from acceptance.what_if_steps import *  # noqa: F403
