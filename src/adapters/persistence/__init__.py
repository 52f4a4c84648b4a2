"""What lasts, in PostgreSQL: decisions with their audit entries, and users.

The writing side speaks asyncpg, because a decision waits for it; the reading side SQLAlchemy Core, because a
search is put together at run time.
"""
