"""dependency-injector without its support of web frameworks, which is unused here and slow to import."""

from entrypoints.lean_imports import lean_imports

with lean_imports("fastapi", "pydantic", "starlette"):
    from dependency_injector.containers import DeclarativeContainer
    from dependency_injector.providers import Dependency, Object, Singleton

__all__ = ["DeclarativeContainer", "Dependency", "Object", "Singleton"]
