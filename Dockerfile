# The service for production. Set SCORING_DATABASE_URL, SCORING_REDIS_URL and SCORING_SECRET_KEY, or files with them
# (SCORING_DATABASE_URL_FILE, ...), and SCORING_HOST=0.0.0.0. Run the command `migrate` once before.
# To pin the base image by digest: --build-arg PYTHON_IMAGE=docker.io/library/python@sha256:...
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-trixie
FROM ${PYTHON_IMAGE} AS build
WORKDIR /app
COPY requirements-uv.lock requirements.lock ./
# uv is installed by hash, and is not part of the final image.
RUN python -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-uv.lock \
    && /opt/uv/bin/uv venv --python /usr/local/bin/python .venv
RUN VIRTUAL_ENV=/app/.venv /opt/uv/bin/uv pip install --require-hashes --no-cache -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN VIRTUAL_ENV=/app/.venv /opt/uv/bin/uv pip install --no-deps --no-build-isolation --no-cache --editable .

FROM ${PYTHON_IMAGE}
# LightGBM and numba need libgomp to score files and train models.
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
