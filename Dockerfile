# The service, for production: give it SCORING_DATABASE_URL, SCORING_REDIS_URL, SCORING_SECRET_KEY and
# SCORING_HOST=0.0.0.0; run it once with `migrate` before.
FROM docker.io/library/python:3.13-slim AS build
WORKDIR /app
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir "uv==0.13.9"
COPY requirements.lock ./
RUN VIRTUAL_ENV=/app/.venv .venv/bin/uv pip install --require-hashes --no-cache -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN VIRTUAL_ENV=/app/.venv .venv/bin/uv pip install --no-deps --no-build-isolation --no-cache --editable .

FROM docker.io/library/python:3.13-slim
# libgomp runs LightGBM and numba when files are scored or models trained in the container.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --no-create-home --uid 10001 scoring
WORKDIR /app
COPY --from=build /app /app
COPY migrations ./migrations
COPY models ./models
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SCORING_DATA_DIR=/tmp/scoring
USER 10001
EXPOSE 8000 8501
ENTRYPOINT ["scoring"]
CMD ["serve", "api"]
