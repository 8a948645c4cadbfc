"""The real dbt, in a subprocess."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cchc.period import Period
from tests.dbt_project import agency_world
from tests.dbt_project.build_files import PROJECT


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One target folder for all runs, and below a file name that never changes: both spare dbt a parse."""
    return tmp_path_factory.mktemp("dbt_target")


@pytest.fixture(scope="session")
def dbt(target: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs dbt on the build file of a folder: our project, or a copy of it."""

    def run(folder: Path, *arguments: str, project: Path = PROJECT) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("dbt")
        into = target if project == PROJECT else project / "target"
        paths = ["--project-dir", project, "--profiles-dir", project, "--target-path", into, "--log-path", into]
        # Without compiled modules every start of dbt takes three seconds more.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.run(
            [program, "--no-use-colors", *arguments, *paths],
            cwd=folder,
            env=environment | {"CCHC_BUILD_FILE": "warehouse.duckdb"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def agency_months(
    dbt: Callable[..., subprocess.CompletedProcess[str]], tmp_path_factory: pytest.TempPathFactory
) -> dict[Period, Path]:
    """The three months of `agency_world`, each built upon what the months before it published."""
    return agency_world.build(dbt, tmp_path_factory)
