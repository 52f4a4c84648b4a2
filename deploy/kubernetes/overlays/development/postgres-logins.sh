# shellcheck shell=sh
# Let the roles scoring_api and scoring_worker log in, with the passwords of the addresses in /run/secrets.
# PostgreSQL's image runs this when it creates a database. For an existing database, and after a password change:
#   docker compose exec postgres sh /docker-entrypoint-initdb.d/logins.sh
for process in api worker; do
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
        --set role="scoring_$process" --set file="${SECRETS:-/run/secrets}/database_url_$process" <<'SQL'
\set password `sed 's|^[a-z]*://[^:]*:\([^@]*\)@.*$|\1|' :'file'`
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SQL
done
