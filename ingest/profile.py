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
from ingest.files.options import FileExport
from ingest.http.options import Auth, Http, Pace, Paging

SHIPPED = Path(__file__).parent / "profiles"


class Answer(Strict):
    """Which value of the body means success, where the source says so."""

    path: str
    equals: str


class Withhold(Strict):
    """Rows whose `path` is not one of `unless` never leave the extractor; only their number does."""

    path: str
    unless: tuple[str, ...]


class Changes(Strict):
    """How the source is asked for what changed since a moment: parameters beside those of the period.

    `{changed_since:…}` in them is the start of the window: `overlap_minutes` before the newest `updated_at` on hand, since
    clocks of servers differ and transactions end late.
    """

    params: dict[str, str] = Field(min_length=1)
    overlap_minutes: int = Field(60, ge=0)


class ExportMap(Strict):
    """One entity of the source, over HTTP (`endpoint`, `paging`, …) or as files (`file`).

    `for_each: reporting_agency` asks once per agency that reports in the period. `rows` is where a body holds its rows; blank
    when the body is the list.
    """

    entity: str
    for_each: Literal["reporting_agency"] | None = None
    endpoint: str | None = Field(None, pattern=r"^/")
    params: dict[str, str] = Field(default_factory=dict)
    paging: Paging | None = None
    rows: str = ""
    total: str | None = None
    success: Answer | None = None
    changes: Changes | None = None
    file: FileExport | None = None
    withhold: Withhold | None = None
    may_be_empty: bool = False
    smallest_share: float = Field(0.8, ge=0, le=1)
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
        if (self.endpoint is None) == (self.file is None):
            raise ValueError("give an endpoint or a file, and not both")
        http_only = self.model_fields_set & {"paging", "rows", "total", "success", "changes"}
        if self.file and http_only:
            raise ValueError(f"{', '.join(sorted(http_only))} belong to an endpoint, not to a file")
        children = {c.name: c for c in self.contract.children}
        for name, child in self.children.items():
            if name not in children:
                raise ValueError(f"children.{name} is not in the contract; it has {', '.join(children) or 'none'}")
            fit(f"children.{name}.fields", child.fields, children[name].columns)
        return self


class Profile(Strict):
    """One installation of a source. `base_url` is where it is reached over HTTP, `folder` where its files are dropped."""

    profile: str
    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    transport: Literal["http", "files"] = "http"
    base_url: str | None = None
    folder: Path | None = None
    auth: Auth = Auth()
    http: Http = Http()
    pace: Pace = Pace()
    exports: dict[str, ExportMap]

    @model_validator(mode="after")
    def _prefixed(self) -> Profile:
        for name in self.exports:
            if not name.startswith(f"{self.source}_"):
                raise ValueError(f"exports.{name}: an export is named after its source, {self.source}_…")
        return self

    @model_validator(mode="after")
    def _one_transport(self) -> Profile:
        for name, export in self.exports.items():
            if self.transport == "files" and export.file is None:
                raise ValueError(f"exports.{name}: transport files needs `file`")
            if self.transport == "http" and (export.endpoint is None or export.paging is None):
                raise ValueError(f"exports.{name}: transport http needs `endpoint` and `paging`")
        http_only = self.model_fields_set & {"base_url", "auth", "http", "pace"} if self.transport == "files" else set()
        if wrong := sorted(http_only | (self.model_fields_set & {"folder"} if self.transport == "http" else set())):
            raise ValueError(f"{', '.join(wrong)} says nothing of transport {self.transport}")
        return self


@dataclass(frozen=True)
class Export:
    """An export with the profile it belongs to."""

    name: str
    profile: Profile
    map: ExportMap

    def fingerprint(self) -> str:
        """Changes with the contract or the mapping: equal bytes read differently are another batch."""
        mapping = json.dumps(
            self.map.model_dump(mode="json", include={"entity", "fields", "children", "withhold"}), sort_keys=True
        )
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
