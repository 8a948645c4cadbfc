"""docker-compose.yml, Dockerfile and .env.example: what can be proved of them without a Docker engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from cchc.settings import PROJECT, Settings
from quickstart.environment import POOL
from tests.deployment import compose_file
from tests.deployment.postgres import find_binaries

SCHEMA = Path(__file__).parent / "schema" / "compose-spec.json"
ONE_SHOT = {"init"}
FILLED = {
    "POSTGRES_PASSWORD": "p", "AIRFLOW_ADMIN_PASSWORD": "p", "AIRFLOW_JWT_SECRET": "p", "AIRFLOW_API_SECRET_KEY": "p",
    "AIRFLOW_FERNET_KEY": "p",
}  # fmt: skip
OURS = {"init", "api-server", "scheduler", "dag-processor", "triggerer"}


def services() -> dict[str, dict]:
    return compose_file.interpolated(FILLED)["services"]


def test_the_compose_file_meets_the_specification():
    schema = json.loads(SCHEMA.read_text())
    validator = jsonschema.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(compose_file.raw())] == []
    assert [error.message for error in validator.iter_errors(compose_file.interpolated(FILLED))] == []
    broken = compose_file.raw() | {"services": {"a": {"comand": "x"}}}
    assert list(validator.iter_errors(broken)), "the schema must be able to refuse"


def test_the_services_are_airflows_and_its_database():
    assert set(services()) == OURS | {"postgres"}


def test_every_lasting_service_has_a_health_check_and_comes_back():
    for name, service in services().items():
        if name not in ONE_SHOT:
            assert service["healthcheck"]["test"][0] == "CMD", name
            assert service["restart"] == "unless-stopped", name
    assert services()["init"]["restart"] == "no"


def test_every_service_waits_for_the_database_and_for_init():
    for name in OURS - ONE_SHOT:
        waits = services()[name]["depends_on"]
        assert waits["postgres"]["condition"] == "service_healthy", name
        assert waits["init"]["condition"] == "service_completed_successfully", name


def test_every_command_and_health_check_exists():
    beside = Path(sys.executable).parent
    database = find_binaries()
    for name, service in services().items():
        commands = [service["command"]] if "command" in service else []
        commands += [service["healthcheck"]["test"][1:]] if "healthcheck" in service else []
        for executable, *arguments in commands:
            if name == "postgres":
                assert database is None or (database / executable).exists(), executable
            else:
                assert shutil.which(executable, path=str(beside)), f"{name}: {executable}"
            if arguments[:1] == ["-m"]:
                assert (PROJECT / f"{arguments[1].replace('.', '/')}.py").exists(), arguments
            if arguments[:1] == ["-c"]:
                compile(arguments[1], name, "exec")


def test_nothing_runs_as_root_or_may_become_it():
    for name, service in services().items():
        user = service["user"].partition(":")[0]
        assert user not in ("", "0", "root"), name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged"), name
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == [services()["scheduler"]["user"]]


@pytest.mark.parametrize("name", sorted(FILLED))
def test_the_deployment_refuses_to_start_without_its_secret(name):
    with pytest.raises(compose_file.MissingVariable, match=name):
        compose_file.interpolated({key: value for key, value in FILLED.items() if key != name})


def test_no_secret_stands_in_the_files():
    environments = [service.get("environment", {}) for service in compose_file.raw()["services"].values()]
    secret = re.compile(r"PASSWORD$|SECRET|FERNET|_KEY$|TOKEN|SQL_ALCHEMY_CONN")
    for environment in environments:
        for name, value in environment.items():
            if secret.search(name):
                assert re.search(r"\$\{\w+:\?", value), f"{name} must come from the environment"
    for name, value in compose_file.env_file().items():
        if name in FILLED or name.startswith("CCHC_SECRET_"):
            assert value == "", f"{name} is filled in .env.example"
    dockerfile = (PROJECT / "Dockerfile").read_text()
    assert not re.search(r"PASSWORD|SECRET|TOKEN|FERNET", dockerfile)
    assert ".env" not in allowed_into_the_image()


def test_services_share_what_tokens_and_connections_need():
    shared = ("AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY",
              "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "CCHC_HOME")  # fmt: skip
    for name in shared:
        assert len({services()[service]["environment"][name] for service in OURS}) == 1, name
    for name in OURS:
        assert not any(volume.endswith(":/opt/airflow") for volume in services()[name]["volumes"]), name


def test_every_variable_of_compose_is_documented_with_its_default():
    documented = compose_file.env_file()
    for name, default in compose_file.variables_used().items():
        assert name in documented, name
        assert documented[name] == (default or ""), name


def test_the_example_environment_holds_every_setting_with_its_default():
    documented = compose_file.env_file()
    settings = {name for name in documented if name.startswith("CCHC_") and not name.startswith("CCHC_SECRET_")}
    plain = {name for name in settings if "__" not in name}
    nested = {name.partition("__")[0] for name in settings if "__" in name}
    dictionaries = {
        f"CCHC_{n.upper()}"
        for n, field in Settings.model_fields.items()
        if field.annotation in (dict[str, str], dict[str, Path])
    }
    assert plain | nested == {f"CCHC_{name.upper()}" for name in Settings.model_fields}
    assert nested == dictionaries
    for name in plain:
        default = Settings.model_fields[name.removeprefix("CCHC_").lower()].default
        shown = f"./{default.relative_to(PROJECT)}" if isinstance(default, Path) else str(default or "")
        assert documented[name] == shown, name


def test_every_line_of_the_example_environment_is_explained():
    lines = compose_file.ENV_EXAMPLE.read_text().splitlines()
    for before, line in pairwise(lines):
        if line and not line.startswith("#"):
            assert before, f"no comment above {line}"


def test_secrets_that_profiles_name_are_in_the_example_environment():
    named = set()
    for profile in (PROJECT / "ingest" / "profiles").glob("*.yaml"):
        named |= set(re.findall(r"secret: (\w+)", profile.read_text()))
    assert named
    assert {f"CCHC_SECRET_{name.upper()}" for name in named} <= set(compose_file.env_file())


def test_what_the_image_copies_exists_and_is_let_in():
    dockerfile = (PROJECT / "Dockerfile").read_text()
    copied = [
        source.rstrip("/")
        for line in re.findall(r"^COPY (?!--)(.*)$", dockerfile, re.M)
        for source in line.split()[:-1]
    ]
    assert copied
    for source in copied:
        assert (PROJECT / source).exists(), source
    assert sorted(allowed_into_the_image()) == sorted(copied)


def test_the_image_holds_every_package_that_the_services_run():
    wheel = re.search(r"^packages = (\[.*\])$", (PROJECT / "pyproject.toml").read_text(), re.M)
    assert wheel
    assert set(json.loads(wheel[1])) | {"dags", "dbt_project"} <= set(allowed_into_the_image())


def test_folders_of_volumes_are_made_for_the_image_s_user():
    dockerfile = (PROJECT / "Dockerfile").read_text()
    for volume in services()["scheduler"]["volumes"]:
        assert volume.rpartition(":")[2] in dockerfile, volume


def test_the_interpreter_of_the_image_is_the_project_s():
    versions = set(re.findall(r"^FROM python:([\d.]+)", (PROJECT / "Dockerfile").read_text(), re.M))
    assert versions == {f"{sys.version_info.major}.{sys.version_info.minor}"}


def test_the_pool_that_init_makes_is_the_one_the_dag_writes_in():
    name, slots, _ = POOL
    assert slots == "1"
    assert f'WRITER = "{name}"' in (PROJECT / "dags" / "monthly_indicators.py").read_text()


def test_env_is_kept_out_of_the_repository():
    assert "/.env" in (PROJECT / ".gitignore").read_text().split()
    assert os.path.lexists(PROJECT / ".env.example")


def allowed_into_the_image() -> list[str]:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    return [line[1:] for line in lines if line.startswith("!")]
