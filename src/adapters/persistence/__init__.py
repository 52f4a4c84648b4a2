"""Storage in PostgreSQL: decisions with their audit entries, batches, users, versions.

Decisions are written through asyncpg, since latency matters there; everything else uses SQLAlchemy Core.
"""
