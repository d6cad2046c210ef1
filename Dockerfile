# One image for web, worker, beat and the migration job; docker-compose.yml says which command each runs.
FROM python:3.13-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 VIRTUAL_ENV=/opt/atelier STATIC_ROOT=/srv/atelier/staticfiles
WORKDIR /srv/atelier
# requirements-telemetry.lock, for an image that sends traces
ARG ALSO=""

COPY requirements-uv.lock requirements.lock requirements-telemetry.lock ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
      --require-hashes --requirement requirements-uv.lock \
    && uv venv --python "$(command -v python)" "$VIRTUAL_ENV" \
    # with the embedded database, whose pg_dump and pg_restore `manage.py backup` and `restore` call
    && uv pip install --require-hashes --requirement requirements.lock ${ALSO:+--requirement "$ALSO"}

COPY . .
# Collecting needs no service: these values only satisfy the settings, and stay in this stage.
RUN SECRET_KEY=unused DATABASE_URL=postgres://unused/unused REDIS_URL=redis://unused \
    "$VIRTUAL_ENV/bin/python" manage.py collectstatic --noinput --verbosity 0

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin atelier
ENV PATH=/opt/atelier/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/atelier/staticfiles
# as config/studio.py says of its worker
ENV MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=67108864
WORKDIR /srv/atelier
COPY --from=build /opt/atelier /opt/atelier
COPY --from=build /srv/atelier /srv/atelier
USER 10001
EXPOSE 8000
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-access-log", "--timeout-graceful-shutdown", "300"]
