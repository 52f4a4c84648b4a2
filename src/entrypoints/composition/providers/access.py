"""Users, logins and sessions."""

from datetime import timedelta

from adapters.memory.user_directory import MemoryUserDirectory
from adapters.observability.wrappers.recorded_use_case import recorded_log_in
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.access.web_sessions import PostgresWebSessions
from adapters.security.common_passwords import CommonPasswords
from adapters.security.passwords import Argon2PasswordHasher, generate_password
from application.use_cases.access.administer_users import UserAdministration
from application.use_cases.access.change_own_password import ChangeOwnPassword
from application.use_cases.access.log_in import LogIn
from application.use_cases.access.login_records import FailedLogins, LoginRecords
from application.use_cases.access.purge_login_attempts import PurgeLoginAttempts
from application.use_cases.access.web_sessions import ManageWebSessions, PurgeWebSessions
from domain.access.password_policy import PasswordPolicy
from entrypoints.composition.configured_adapters import login_attempts
from entrypoints.composition.injection import Object, Singleton
from entrypoints.composition.providers.applications import ApplicationProviders
from entrypoints.composition.providers.audit import AuditProviders
from entrypoints.composition.providers.foundation import Foundation, observed
from entrypoints.composition.secrets import access_tokens
from entrypoints.composition.security_events import recorded_administration, recorded_password_change


class AccessProviders(ApplicationProviders):
    """Users, logins and sessions."""

    users = Singleton(PostgresUsers, Foundation.engine, AuditProviders.event_chain)
    directory = Singleton(MemoryUserDirectory, Singleton(PostgresUsers, Foundation.access_engine))
    passwords = Singleton(Argon2PasswordHasher)
    password_policy = Singleton(PasswordPolicy, Singleton(CommonPasswords))
    tokens = Singleton(
        access_tokens,
        Foundation.settings,
        Foundation.clock,
        lifetime=Singleton(timedelta, minutes=Foundation.settings.provided.access_token_minutes),
    )
    login_attempts = Singleton(
        login_attempts,
        Foundation.settings,
        Foundation.engine,
        Foundation.observability,
        AuditProviders.event_chain,
    )
    login_records = Singleton(
        LoginRecords,
        AuditProviders.audit_events,
        AuditProviders.new_event,
        Singleton(FailedLogins, Foundation.clock),
        Foundation.process,
        users,
    )
    log_in = Singleton(
        recorded_log_in,
        observed(
            Foundation.observability,
            LogIn,
            users=users,
            passwords=passwords,
            attempts=login_attempts,
            records=login_records,
        ),
        Foundation.security_events,
    )
    change_own_password = Singleton(
        recorded_password_change,
        observed(
            Foundation.observability,
            ChangeOwnPassword,
            log_in=log_in,
            users=users,
            passwords=passwords,
            policy=password_policy,
            new_event=AuditProviders.new_event,
        ),
        Foundation.security_events,
    )
    purge_login_attempts = observed(Foundation.observability, PurgeLoginAttempts, attempts=login_attempts)
    session_idle = Singleton(timedelta, minutes=Foundation.settings.provided.session_idle_minutes)
    web_sessions = Singleton(PostgresWebSessions, Foundation.access_engine)
    manage_web_sessions = Singleton(
        ManageWebSessions, web_sessions, directory, Foundation.clock, session_idle, AuditProviders.new_event
    )
    user_administration = Singleton(
        recorded_administration,
        Singleton(
            UserAdministration.over,
            users=users,
            passwords=passwords,
            attempts=login_attempts,
            web_sessions=web_sessions,
            directory=directory,
            clock=Foundation.clock,
            idle=session_idle,
            new_event=AuditProviders.new_event,
            generate_password=Object(generate_password),
        ),
        Foundation.observability,
    )
    purge_web_sessions = observed(
        Foundation.observability, PurgeWebSessions, sessions=web_sessions, clock=Foundation.clock
    )
