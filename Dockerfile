# stuncheck in a container: docs/install.md, "With Docker Compose". The build tools stay in the
# first stage. Only wheels with a known hash are installed; none of their code runs while doing so.
FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source

COPY requirements-build.lock requirements-run.lock ./
RUN python -m pip install --require-hashes --only-binary :all: -r requirements-build.lock \
    && python -m venv --without-pip /opt/stuncheck \
    && python -m pip --python /opt/stuncheck install \
        --require-hashes --only-binary :all: -r requirements-run.lock

COPY pyproject.toml README.md LICENSE ./
COPY bot/ bot/
COPY commands/ commands/
COPY demo/ demo/
COPY sources/ sources/
COPY storage/ storage/
COPY verdict/ verdict/
RUN python -m hatchling build -t wheel -d /wheel \
    && python -m pip --python /opt/stuncheck install --no-index --no-deps /wheel/*.whl


FROM python:3.13-slim

LABEL org.opencontainers.image.title="stuncheck" \
      org.opencontainers.image.description="Says whether a backup's snapshot stun caused a Windows cluster failover on VMware" \
      org.opencontainers.image.licenses="MIT"

# A number of its own, so that files on the host can be given to it and Kubernetes sees it is not root.
RUN groupadd --system --gid 10001 stuncheck \
    && useradd --system --uid 10001 --gid 10001 --shell /usr/sbin/nologin \
        --no-create-home --home-dir /var/lib/stuncheck stuncheck \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/stuncheck

COPY --from=build /opt/stuncheck /opt/stuncheck

# Nothing is written but the database and matplotlib's list of fonts, so the root may be read-only.
ENV PATH=/opt/stuncheck/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib

USER 10001:10001
VOLUME /var/lib/stuncheck

# http.client and not urllib: that one would ask the proxy of HTTP_PROXY for 127.0.0.1.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as To; to = To('127.0.0.1', 8765, timeout=4); to.request('GET', '/healthz'); raise SystemExit(to.getresponse().status != 200)"]

ENTRYPOINT ["stuncheck"]
CMD ["run"]
