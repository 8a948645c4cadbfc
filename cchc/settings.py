"""One typed settings object, the only reader of the environment; secrets come in as a function."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from cchc.period import Calendar, Period

PROJECT = Path(__file__).resolve().parent.parent
Secret = Callable[[str], str]


class ConfigurationError(ValueError):
    """A setting in the environment cannot be used; the message names the variable."""


class MissingSecret(LookupError):
    """A profile names a secret that neither Airflow's connections nor the environment holds."""


class Settings(BaseSettings):
    """Every setting is an environment variable with the prefix CCHC_; `.env.example` lists them. An empty one is not set."""

    model_config = SettingsConfigDict(
        env_prefix="CCHC_", env_nested_delimiter="__", env_ignore_empty=True, extra="ignore"
    )

    home: Path = Field(PROJECT / "var", description="where everything read, built and published lives")
    calendar: Calendar = Field("nd09", description="reporting calendar: nd09 (15th to 14th) or calendar (1st to last)")
    profiles: str = Field(
        "dvcqg,qcvn102_dms,ca_register", description="shipped profile names or paths of profile files, by comma"
    )
    provinces: str = Field(
        "",
        description="codes of the provinces whose communes and departments report, by comma; in a pilot of districts, communes",
    )
    source_urls: dict[str, str] = Field(
        default_factory=dict, description="base URL per source, CCHC_SOURCE_URLS__PORTAL=… (overrides the profile)"
    )
    source_folders: dict[str, Path] = Field(
        default_factory=dict,
        description="drop folder per source, CCHC_SOURCE_FOLDERS__PORTAL=… (overrides the profile)",
    )
    proxy: str | None = Field(None, description="proxy for every source, http://host:port", repr=False)
    ca_file: Path | None = Field(None, description="certificates (PEM) to trust instead of the public ones")
    open_months: int = Field(
        3, ge=0, description="how many months that have ended are read again daily for late records"
    )
    # Bounds of critical checks may be tightened here and never loosened: what lies beyond them needs a waiver.
    plausible_years: int = Field(12, ge=1, le=12, description="dates further than this before the period are faults")
    reject_share_max: float = Field(
        0.02, ge=0, le=0.02, description="critical bound of rejected rows per export, of rows read"
    )
    waiver_days: int = Field(5, ge=1, le=20, description="working days that a waiver holds when its request names none")

    report_days: int = Field(2, ge=0, description="working days after a month's last day until its figures are due")
    answer_days: int = Field(
        2, ge=1, description="working days that people have to answer an alert before it escalates"
    )

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def audit(self) -> Path:
        return self.home / "audit"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def snapshots(self) -> Path:
        return self.published / "snapshots"

    @property
    def analysts_file(self) -> Path:
        return self.published / "warehouse.duckdb"

    @property
    def build(self) -> Path:
        return self.home / "build"

    def build_file(self, period: Period) -> Path:
        """The writer's file of one period; `build/warehouse.duckdb` points to the newest."""
        return self.build / str(period) / "warehouse.duckdb"

    @property
    def dbt_project(self) -> Path:
        return PROJECT / "dbt_project"

    @property
    def agency_files(self) -> list[Path]:
        """The shipped agencies, and the deployment's own additions when there are any."""
        return [self.dbt_project / "seeds" / "agencies.csv", self.home / "agencies.csv"]

    @property
    def succession_files(self) -> list[Path]:
        """The shipped successions of agencies, and the deployment's own when there are any."""
        return [self.dbt_project / "seeds" / "agency_successions.csv", self.home / "agency_successions.csv"]

    @property
    def reporting_codes(self) -> tuple[str, ...]:
        """What `provinces` names, one by one."""
        return tuple(code.strip() for code in self.provinces.split(",") if code.strip())

    @property
    def contacts_file(self) -> Path:
        """Who hears of what; without it everything goes to the secret `alert_urls`."""
        return self.home / "contacts.csv"

    def period(self, text: str) -> Period:
        return Period.parse(text, self.calendar)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Tests that change the environment call `settings.cache_clear()`.

    Raises ConfigurationError.
    """
    try:
        return Settings()
    except SettingsError as error:
        raise ConfigurationError(f"{error}; write maps as CCHC_SOURCE_URLS__PORTAL=https://…") from error
    except ValidationError as error:
        faults = [f"CCHC_{'__'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise ConfigurationError("; ".join(faults)) from error


def secret_from_environment(name: str) -> str:
    """Reads CCHC_SECRET_<NAME>; raises MissingSecret with the name to set."""
    variable = f"CCHC_SECRET_{name.upper()}"
    value = os.environ.get(variable, "")
    if not value:
        raise MissingSecret(f"secret {name!r} is not set: set {variable} or the Airflow connection cchc_{name}")
    return value
