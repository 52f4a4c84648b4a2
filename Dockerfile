# The service for production. Set SCORING_DATABASE_URL, SCORING_REDIS_URL and SCORING_SECRET_KEY, or files with them
# (SCORING_DATABASE_URL_FILE, ...), and SCORING_HOST=0.0.0.0. Run the command `migrate` once before.
#
# scripts/image builds it, and runs it as a container to verify it. To pin the base image by digest:
#   --build-arg PYTHON_IMAGE=docker.io/library/python@sha256:...
# Both bases need `python3` of the same version and a Debian user land; only BUILD_IMAGE needs Python's `venv` with pip.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-trixie
ARG BUILD_IMAGE=${PYTHON_IMAGE}

FROM ${BUILD_IMAGE} AS build
# System certificates, because many company networks inspect TLS with their own certificate.
ENV UV_SYSTEM_CERTS=1 UV_NO_CACHE=1 UV_LINK_MODE=copy VIRTUAL_ENV=/app/.venv
# Bytecode that is not compared with its source: copying between stages rounds the times of files.
ENV UV_COMPILE_BYTECODE=1 PYC_INVALIDATION_MODE=UNCHECKED_HASH
WORKDIR /app
COPY requirements-uv.lock requirements.lock ./
# uv is installed by hash. It is not part of the final image, nor are pip and what builds the package.
RUN python3 -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-uv.lock \
    && /opt/uv/bin/uv venv --python "$(command -v python3)" .venv
RUN /opt/uv/bin/uv pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /opt/uv/bin/uv pip install --no-deps --no-build-isolation --editable . \
    && /opt/uv/bin/uv pip uninstall hatchling editables pathspec pluggy trove-classifiers \
    && /opt/uv/bin/uv pip check \
    && .venv/bin/python -m compileall -q --invalidation-mode unchecked-hash src \
    && rm .venv/.lock

FROM ${PYTHON_IMAGE}
# LightGBM and numba need libgomp to score files and train models; PDFs need Pango, HarfBuzz and a font.
# Nothing changes users, so no program needs setuid.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/apt /var/log/dpkg.log \
        /usr/local/bin/pip* /usr/local/lib/python3*/ensurepip /usr/local/lib/python3*/site-packages/* \
    && find / -xdev -type f -perm /6000 -exec chmod ug-s {} + \
    && groupadd --gid 10001 scoring \
    && useradd --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --uid 10001 --gid 10001 scoring
WORKDIR /app
COPY --from=build /app /app
COPY migrations ./migrations
COPY models ./models
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SCORING_DATA_DIR=/tmp/scoring
USER 10001:10001
EXPOSE 8000 8501
ENTRYPOINT ["scoring"]
CMD ["serve", "api"]
# For the default command; other commands need their own: scoring health ui, scoring health worker.
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s CMD ["scoring", "health", "api"]

ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="credit-scoring" \
    org.opencontainers.image.description="Credit decisions: API, web interface, worker and migrations" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.created="${CREATED}" \
    org.opencontainers.image.source="${SOURCE}"
