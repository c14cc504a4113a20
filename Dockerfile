# syntax=docker/dockerfile:1
# Crossover in one image: the page built by Node, the Python packages from the lock file, a slim runtime.
#
#   docker build --tag crossover .
#
# Base images go by tag; who wants the same bytes again gives their digests, which
# `docker buildx imagetools inspect python:3.11-slim-bookworm` prints:
#   --build-arg PYTHON_IMAGE=python:3.11-slim-bookworm@sha256:…
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm
ARG NODE_IMAGE=docker.io/library/node:22-bookworm-slim

# ---- the page -------------------------------------------------------------------------------
FROM ${NODE_IMAGE} AS page
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

# ---- the Python packages --------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.lock requirements-dev.lock ./
# What builds our own wheel comes from the development lock file; none of it is in the image.
RUN python3 -m venv /opt/builder && python3 -m venv --without-pip /opt/crossover && \
    awk '/^[a-z0-9]/ { wanted = /^(hatchling|packaging|pathspec|pluggy|trove-classifiers)==/ } wanted' \
      requirements-dev.lock > build.lock && \
    /opt/builder/bin/pip install --require-hashes --no-deps --requirement build.lock && \
    /opt/builder/bin/pip --python /opt/crossover/bin/python install --no-compile --only-binary=:all: \
      --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sfu/ sfu/
COPY signaling/ signaling/
COPY benchmarks/ benchmarks/
COPY --from=page /build/signaling/http/page/ signaling/http/page/
# Tests and type stubs of other packages go; bytecode is made here, because the image is read-only
# when it runs, and names its source by hash, so that it is the same whenever it is built.
RUN /opt/builder/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheel . && \
    /opt/builder/bin/pip --python /opt/crossover/bin/python install --no-compile --no-deps \
      wheel/*.whl && \
    packages=/opt/crossover/lib/python3.11/site-packages && \
    rm -rf "$packages"/numpy/tests "$packages"/numpy/*/tests "$packages"/numpy/f2py \
      "$packages"/google_crc32c/tests && \
    find "$packages" -name '*.pyi' -delete && \
    /opt/crossover/bin/python -m compileall -q --invalidation-mode unchecked-hash "$packages"

# ---- what runs ------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Crossover" \
      org.opencontainers.image.description="Self-hosted video rooms that start as a browser mesh and cross over to an SFU during the call" \
      org.opencontainers.image.licenses="MIT"
# tini is process 1: it passes signals on and reaps what nobody waits for.
RUN apt-get update && \
    apt-get install --yes --no-install-recommends tini && \
    rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/cache/ldconfig \
      /var/log/apt /var/log/dpkg.log /var/log/alternatives.log && \
    groupadd --gid 10001 crossover && \
    useradd --uid 10001 --gid 10001 --no-log-init --home-dir /var/lib/crossover --no-create-home \
      --shell /usr/sbin/nologin crossover && \
    install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/crossover /var/lib/turn
COPY --from=packages /opt/crossover/ /opt/crossover/
COPY deploy/container/ /usr/local/lib/crossover/
ENV PATH=/opt/crossover/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CROSSOVER_STATE_DIR=/var/lib/crossover \
    CROSSOVER_PORT=3000 \
    CROSSOVER_SFU_PORT=40000
USER 10001:10001
WORKDIR /var/lib/crossover
VOLUME ["/var/lib/crossover"]
# Signaling and the page; media, one port for each worker, by UDP and by TCP.
EXPOSE 3000/tcp 40000-40015/udp 40000-40015/tcp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python3", "/usr/local/lib/crossover/health.py"]
ENTRYPOINT ["tini", "--", "/usr/local/lib/crossover/entrypoint.sh"]
CMD ["serve"]
