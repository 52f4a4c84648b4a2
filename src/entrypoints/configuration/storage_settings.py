"""Settings of the database, the cache, the data folder, the product and the model."""

from entrypoints.configuration.database_address import database_address
from entrypoints.configuration.redis_address import redis_address
from entrypoints.configuration.setting import Setting
from entrypoints.configuration.setting_readers import (
    existing_folder,
    existing_folder_if_any,
    folder,
    one_of,
    optional_file_content,
    product,
)

STORAGE_SETTINGS = (
    Setting("data_dir", folder, "data", "Folder for the data of embedded engines and for generated secrets."),
    Setting(
        "database_url",
        database_address,
        "",
        "PostgreSQL address, `postgresql://user:password@host:port/name`, with parameters of libpq; "
        "`search_path=NAME` names the schema of the tables. Empty: an embedded server; required by "
        "`scoring serve`.",
        holds_secret=True,
    ),
    Setting(
        "database_pooler_url",
        database_address,
        "",
        "Address of a connection pooler in transaction mode, such as PgBouncer, in front of the same database. "
        "Connections that need no session go through it; recording decisions and uploads does not. Needs "
        "`SCORING_DATABASE_URL`.",
        holds_secret=True,
    ),
    Setting(
        "redis_url",
        redis_address,
        "",
        "Redis or Valkey address, `redis://host:port/0`. Empty: an embedded server; required by `scoring serve`.",
        holds_secret=True,
    ),
    Setting(
        "prediction_cache",
        one_of("none", "shared"),
        "none",
        "`shared`: cache predictions in Redis for all processes, which helps only with models that are slower "
        "than Redis. `none`: compute every prediction.",
    ),
    Setting(
        "postgres_programs",
        existing_folder_if_any,
        "",
        "Folder of `pg_dump` and `pg_restore` for backups, at least as new as the server. Empty: those on the "
        "PATH, or else those of the embedded server, which cannot use TLS.",
    ),
    Setting(
        "product",
        product,
        "",
        "File with the definition of the product that the service decides on, the same for all processes; "
        "`scoring products check` checks it. Empty: the personal loan. Model and policy must be for this product.",
    ),
    Setting(
        "initial_policy",
        optional_file_content,
        "",
        "File with the policy that a database without one gets; `scoring policies activate` activates later ones. "
        "Empty: the built-in policy of the personal loan.",
    ),
    Setting("model_dir", existing_folder, "models/champion", "Folder of the champion model's bundle."),
)
