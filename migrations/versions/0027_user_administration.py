"""The last login of users, and failed logins of a username, which an administrator can unlock."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = depends_on = None
phase = "expand"


def upgrade() -> None:
    op.add_column("users", sa.Column("last_login_at", sa.TIMESTAMP(timezone=True)))
    op.add_column("web_sessions", sa.Column("previous_login_at", sa.TIMESTAMP(timezone=True)))
    op.add_column("log_in_attempts", sa.Column("name_key", sa.LargeBinary))
    op.create_index("log_in_attempts_names", "log_in_attempts", ["name_key"])


def downgrade() -> None:
    op.drop_index("log_in_attempts_names", "log_in_attempts")
    op.drop_column("log_in_attempts", "name_key")
    op.drop_column("web_sessions", "previous_login_at")
    op.drop_column("users", "last_login_at")
