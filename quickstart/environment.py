"""The environment of a local Airflow beside the stand-in province: SQLite, one machine, 127.0.0.1 only."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from cchc.settings import PROJECT

POOL = ("warehouse_writer", "1", "one writer of the build file at a time")
SOURCES = ("portal", "dms", "ca")


def source_environment(port: int) -> dict[str, str]:
    """Addresses of the stand-in province, and secrets made for this start alone."""
    addresses = {f"CCHC_SOURCE_URLS__{s.upper()}": f"http://127.0.0.1:{port}/{s}" for s in SOURCES}
    return addresses | {
        "CCHC_SECRET_PORTAL_TOKEN": secrets.token_urlsafe(24),
        "CCHC_SECRET_DMS_KEY": secrets.token_urlsafe(24),
        "CCHC_SECRET_CA_LOGIN": f"warehouse:{secrets.token_urlsafe(24)}",
    }


def airflow_environment(home: Path) -> dict[str, str]:
    """Settings of an Airflow that lives under `home`; everything else keeps Airflow's defaults."""
    return {
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow' / 'airflow.db'}",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
    }


def prepare_airflow(environment: dict[str, str]) -> None:
    """Creates or migrates Airflow's database and makes the writer's pool. Raises CalledProcessError with Airflow's output."""
    Path(environment["AIRFLOW_HOME"]).mkdir(parents=True, exist_ok=True)
    for command in (["db", "migrate"], ["pools", "set", *POOL]):
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *command],
            env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            sys.stderr.write(done.stdout)
            done.check_returncode()
