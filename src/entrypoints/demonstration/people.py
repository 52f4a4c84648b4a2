"""The people of the simulated lender, and the program that sends applications."""

from domain.access.user import Actor, Role
from domain.access.user_name import SERVICE_NAME

PORTAL = Actor("portal", Role.SERVICE)
OFFICER = Actor("marta", Role.LOAN_OFFICER)
UNDERWRITERS = (Actor("uma", Role.UNDERWRITER), Actor("ugo", Role.UNDERWRITER))
SENIOR = Actor("sara", Role.SENIOR_UNDERWRITER)
COMPLIANCE = Actor("carla", Role.COMPLIANCE)
RISK_MANAGER = Actor("rita", Role.RISK_MANAGER)
AUDITOR = Actor("ada", Role.AUDITOR)
SERVICE = Actor(SERVICE_NAME, Role.AUDITOR)
"""The service itself, as its periodic tasks record it."""

PEOPLE = (*UNDERWRITERS, SENIOR, COMPLIANCE, RISK_MANAGER, AUDITOR, OFFICER, PORTAL)
"""Those who can log in."""
