"""Profiles: YAML that says how one installation of a source is reached and how its fields map to our contracts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from ingest.contracts import CONTRACTS, Contract
from ingest.errors import ProfileError
from ingest.fields import ChildMap, FieldMap, Strict, fit

SHIPPED = Path(__file__).parent / "profiles"


class Auth(Strict):
    """How requests are authorised. `secret` is a name; its value comes from Airflow's connections or the environment."""

    type: Literal["none", "basic", "bearer", "api_key"] = "none"
    secret: str | None = None
    header: str = "X-API-Key"

    @model_validator(mode="after")
    def _named(self) -> Auth:
        if (self.type == "none") == (self.secret is not None):
            raise ValueError(f"auth {self.type} {'takes no' if self.type == 'none' else 'needs a'} secret")
        return self


class Paging(Strict):
    """How an export is cut into pages: by page number (from `first`) or by offset of rows."""

    style: Literal["page_number", "offset"]
    position: str
    size_param: str
    size: int = Field(200, gt=0)
    first: int = 1


class Answer(Strict):
    """Which value of the body means success, where the source says so."""

    path: str
    equals: str


class Withhold(Strict):
    """Rows whose `path` is not one of `unless` never leave the extractor; only their number does."""

    path: str
    unless: tuple[str, ...]


class ExportMap(Strict):
    """One entity of the source. `for_each: reporting_agency` asks once per agency that reports in the period."""

    entity: str
    endpoint: str
    for_each: Literal["reporting_agency"] | None = None
    params: dict[str, str] = Field(default_factory=dict)
    paging: Paging
    rows: str
    total: str | None = None
    success: Answer | None = None
    withhold: Withhold | None = None
    may_be_empty: bool = False
    fields: dict[str, FieldMap]
    children: dict[str, ChildMap] = Field(default_factory=dict)

    @property
    def contract(self) -> Contract:
        return CONTRACTS[self.entity]

    @model_validator(mode="after")
    def _fits_contract(self) -> ExportMap:
        if self.entity not in CONTRACTS:
            raise ValueError(f"entity {self.entity!r} is unknown; there are {', '.join(sorted(CONTRACTS))}")
        fit("fields", self.fields, self.contract.columns)
        children = {c.name: c for c in self.contract.children}
        for name, child in self.children.items():
            if name not in children:
                raise ValueError(f"children.{name} is not in the contract; it has {', '.join(children) or 'none'}")
            fit(f"children.{name}.fields", child.fields, children[name].columns)
        return self


class Http(Strict):
    """Patience with a source: seconds to connect and to wait for bytes, and how often a request is tried."""

    connect_seconds: float = 10
    read_seconds: float = 60
    attempts: int = Field(5, ge=1)
    longest_wait_seconds: float = 60


class Profile(Strict):
    """One installation of a source."""

    profile: str
    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    base_url: str | None = None
    auth: Auth = Auth()
    http: Http = Http()
    exports: dict[str, ExportMap]

    @model_validator(mode="after")
    def _prefixed(self) -> Profile:
        for name in self.exports:
            if not name.startswith(f"{self.source}_"):
                raise ValueError(f"exports.{name}: an export is named after its source, {self.source}_…")
        return self


@dataclass(frozen=True)
class Export:
    """An export with the profile it belongs to."""

    name: str
    profile: Profile
    map: ExportMap

    def fingerprint(self) -> str:
        """Changes with the contract or the mapping: equal bytes read differently are another batch."""
        mapping = json.dumps(self.map.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256((self.map.contract.fingerprint() + mapping).encode()).hexdigest()[:16]


def load_profile(path: Path) -> Profile:
    """Reads one profile; raises ProfileError with one line per fault."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Profile.model_validate(content)
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise ProfileError(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, e['loc'])) or 'profile'}: {e['msg']}" for e in error.errors()]
        raise ProfileError("\n".join(lines)) from error


def load_exports(names: str) -> dict[str, Export]:
    """The exports of the named profiles (shipped names or paths, by comma), by export name."""
    exports: dict[str, Export] = {}
    for name in filter(None, (part.strip() for part in names.split(","))):
        path = Path(name) if name.endswith((".yaml", ".yml")) else SHIPPED / f"{name}.yaml"
        if not path.exists():
            shipped = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.yaml")))
            raise ProfileError(f"profile {name!r} not found; shipped are {shipped}, or give a path that ends in .yaml")
        profile = load_profile(path)
        for export_name, export_map in profile.exports.items():
            if export_name in exports:
                raise ProfileError(
                    f"{path.name}: exports.{export_name} is also in {exports[export_name].profile.profile}"
                )
            exports[export_name] = Export(export_name, profile, export_map)
    return exports
