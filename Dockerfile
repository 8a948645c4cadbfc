# One image for every service of docker-compose.yml: the locked environment and the project, nothing of a deployment.
FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir "uv>=0.13,<0.14"
WORKDIR /opt/warehouse
# The libraries first: they change less often than our code, so a rebuild reuses this layer.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --group postgres --no-install-project
COPY cchc/ cchc/
COPY dags/ dags/
COPY dbt_project/ dbt_project/
COPY expectations/ expectations/
COPY ingest/ ingest/
COPY quickstart/ quickstart/
COPY sandbox/ sandbox/
COPY snapshots/ snapshots/
RUN uv sync --frozen --no-dev --group postgres

FROM python:3.11-slim-bookworm
# The folders exist with their owner before a volume is mounted on them: a new named volume takes both over.
RUN groupadd --gid 10001 warehouse \
    && useradd --uid 10001 --gid warehouse --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin warehouse \
    && install --directory --owner=warehouse --group=warehouse \
        /opt/airflow /var/lib/cchc /var/log/airflow /var/lib/airflow-auth
# Owned by root: what runs cannot rewrite its own code.
COPY --from=build /opt/warehouse /opt/warehouse
ENV PATH=/opt/warehouse/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRFLOW_HOME=/opt/airflow \
    CCHC_HOME=/var/lib/cchc
WORKDIR /opt/warehouse
USER 10001:10001
CMD ["cchc", "--help"]
