"""Profiles: YAML that says how one installation of a source is reached and how its fields map to our contracts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from ingest.contracts import CONTRACTS, Contract
from ingest.crosschecks import across
from ingest.errors import Located, ProfileError, Wrong
from ingest.fields import ChildMap, FieldMap, Strict, unfit
from ingest.files.options import FileExport
from ingest.http.options import Auth, Http, Pace, Paging
from ingest.spelling import did_you_mean

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
    when the body is the list. `params` are what is asked for; fields can read them, of files too, which are not asked for.
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
            known = sorted(CONTRACTS)
            told = f"entity {self.entity!r} is unknown{did_you_mean(self.entity, known)}; there are {', '.join(known)}"
            raise Wrong([(("entity",), told)])
        misplaced = list(self._misplaced())
        if faults := [*misplaced, *self._unfit(), *(() if misplaced else across(self))]:
            raise Wrong(faults)
        return self

    def _misplaced(self) -> Iterator[Located]:
        if (self.endpoint is None) == (self.file is None):
            yield ("file" if self.file else "endpoint",), "give an endpoint or a file, and not both"
        elif self.file:
            for key in sorted(self.model_fields_set & {"paging", "rows", "total", "success", "changes"}):
                yield (key,), f"{key} belongs to an endpoint, not to a file"

    def _unfit(self) -> Iterator[Located]:
        for path, text in unfit(self.fields, self.contract.columns):
            yield ("fields", *path), text
        children = {c.name: c for c in self.contract.children}
        for name, child in self.children.items():
            if name not in children:
                told = f"{name} not in the contract{did_you_mean(name, children)}"
                yield ("children", name), f"{told}; it has {', '.join(children) or 'none'}"
                continue
            for path, text in unfit(child.fields, children[name].columns):
                yield ("children", name, "fields", *path), text


class Profile(Strict):
    """One installation of a source. `base_url` is where it is reached over HTTP, `folder` where its files are dropped."""

    profile: str
    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    transport: Literal["http", "files"] = "http"
    base_url: str | None = Field(None, pattern=r"^https?://")
    folder: Path | None = None
    auth: Auth = Auth()
    http: Http = Http()
    pace: Pace = Pace()
    exports: dict[str, ExportMap]

    @model_validator(mode="after")
    def _is_whole(self) -> Profile:
        if faults := [*self._misnamed(), *self._of_another_transport()]:
            raise Wrong(faults)
        return self

    def _misnamed(self) -> Iterator[Located]:
        for name in self.exports:
            if not name.startswith(f"{self.source}_"):
                yield ("exports", name), f"an export is named after its source, {self.source}_…"

    def _of_another_transport(self) -> Iterator[Located]:
        for name, export in self.exports.items():
            needed = ("file",) if self.transport == "files" else ("endpoint", "paging")
            for key in needed:
                if getattr(export, key) is None:
                    yield ("exports", name, key), f"transport {self.transport} needs {key}"
        foreign = {"base_url", "auth", "http", "pace"} if self.transport == "files" else {"folder"}
        for key in sorted(self.model_fields_set & foreign):
            yield (key,), f"{key} says nothing of transport {self.transport}"


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
    from ingest.profile_check.check import read  # it needs the models above

    checked = read(path)
    if checked.profile is None:
        raise ProfileError("\n".join(map(str, checked.faults)))
    return checked.profile


def find_profile(name: str) -> Path:
    """The file of a profile: the shipped one of that name, or a path that ends in .yaml. Raises ProfileError."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else SHIPPED / f"{name}.yaml"
    if not path.exists() and path.name == Path(name).name:
        raise ProfileError(f"{name}: no such file")
    if not path.exists():
        shipped = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.yaml")))
        raise ProfileError(f"profile {name!r} not found; shipped are {shipped}, or give a path that ends in .yaml")
    return path


def load_exports(names: str) -> dict[str, Export]:
    """The exports of the named profiles (shipped names or paths, by comma), by export name."""
    exports: dict[str, Export] = {}
    for name in filter(None, (part.strip() for part in names.split(","))):
        path = find_profile(name)
        profile = load_profile(path)
        for export_name, export_map in profile.exports.items():
            if export_name in exports:
                raise ProfileError(
                    f"{path.name}: exports.{export_name} is also in {exports[export_name].profile.profile}"
                )
            exports[export_name] = Export(export_name, profile, export_map)
    return exports
