"""The life of an application, from what is stored about it and the policy that decided."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.ports.applications.applications import Applications, StoredApplication
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.access.user import Actor, Permission
from domain.applications.application_life import ApplicationLife, Offer
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS
from domain.policies.scoring_policy import ScoringPolicy


class ApplicationNotFound(Exception):
    """There is no application with this identifier that the actor may read."""
