"""Versions in force and technology that all areas share."""

import re
from typing import Any

from adapters.memory.policy_in_force import RefreshedPolicyInForce
from adapters.memory.product_in_force import MemoryProductInForce
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.persistence.documents.unreadable_documents import UnreadableDocuments
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.persistence.policies.policy_activations import PostgresPolicyActivations
from adapters.scoring.bundles.bundle import parse_champion, read_bundle_files
from adapters.scoring.table_credit_model import TableCreditModel
from adapters.system import SystemClock, TimeOrderedIdentifiers
from entrypoints.composition.configured_adapters import caches, service_engine
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.injection import DeclarativeContainer, Dependency, Singleton
from entrypoints.composition.observability import start_observability
from entrypoints.configuration.settings import Settings
from entrypoints.periodic_tasks.copy_refresh import STATEMENT_SECONDS


def observed(observability: Any, use_case: type, *, traced: bool = True, **ports: Any) -> Any:
    """A provider of a use case over its ports, with a span and metrics under its name in snake case."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", use_case.__name__).lower()
    return Singleton(
        lambda observer, plain: observer.observe(plain, name, traced=traced),
        observability,
        Singleton(use_case, **ports),
    )


class Foundation(DeclarativeContainer):
    """Versions in force and technology that all areas share."""

    settings = Dependency(instance_of=Settings)
    process = Dependency(instance_of=str)
    """"api", "ui", "worker" or "command"."""

    # Versions in force
    product = Singleton(MemoryProductInForce, Singleton(configured_product, settings))
    bundle_files = Singleton(read_bundle_files, settings.provided.model_dir)
    bundle = Singleton(
        lambda files, folder, product: parse_champion(files, folder, product()),
        bundle_files,
        settings.provided.model_dir,
        product,
    )
    model = Singleton(TableCreditModel, bundle)
    access_engine = Singleton(  # a separate connection: refreshing copies must not wait for busy ones
        service_engine, settings, max_connections=1, command_timeout=STATEMENT_SECONDS
    )
    policy = Singleton(
        RefreshedPolicyInForce,
        Singleton(PostgresPolicyActivations, access_engine),
        Singleton(PostgresPolicies, access_engine),
        product,
    )

    # Technology shared by all areas
    clock = Singleton(SystemClock)
    identifiers = Singleton(TimeOrderedIdentifiers)
    observability = Singleton(
        start_observability,
        settings,
        process,
        Singleton(lambda model: model.version.version, model).provider,
        policy.provider,
    )
    security_events = observability.provided.security_events
    engine = Singleton(service_engine, settings)
    database = Singleton(DatabaseDependency, engine)
    caches = Singleton(caches, settings, observability)
    unreadable_documents = Singleton(UnreadableDocuments, observability.provided.metrics.documents.unreadable)
