"""An address that PostgreSQL refuses is an outage with a reason, not an unexpected error."""

import pytest
from sqlalchemy.engine import make_url

from adapters.persistence.database.connections import connect, database_engine, transaction, translated_errors
from application.ports.operations.dependencies import DependencyUnavailable

WRONG = [
    ({"username": "nobody_1"}, "nobody_1"),
    ({"password": "wrong"}, "password"),
    ({"database": "none"}, "none"),
]


@pytest.mark.parametrize(("wrong", "reason"), WRONG, ids=["user", "password", "database"])
async def test_a_refused_connection_names_the_reason_and_the_setting(
    database_url: str, wrong: dict[str, str], reason: str
) -> None:
    url = make_url(database_url).set(**wrong).render_as_string(hide_password=False)
    engine = database_engine(url)
    refused = rf"refuses the connection \(.*{reason}.*SCORING_DATABASE_URL"
    with pytest.raises(DependencyUnavailable, match=refused):
        async with transaction(engine):
            pass
    await engine.dispose()
    with pytest.raises(DependencyUnavailable, match=refused), translated_errors():
        await connect(url)
