"""Reads docker-compose.yml and .env.example as Compose does, as far as this project's files use its language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cchc.settings import PROJECT

COMPOSE = PROJECT / "docker-compose.yml"
ENV_EXAMPLE = PROJECT / ".env.example"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


class MissingVariable(LookupError):
    """A variable that must be set is not, in Compose's words."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Replaces ${NAME}, ${NAME:-default} and ${NAME:?message}, where empty counts as unset. Raises MissingVariable."""

    def value(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        given = variables.get(found["name"], "")
        if not given and found["kind"] == "?":
            raise MissingVariable(f"{found['name']}: {found['rest']}")
        return given or (found["rest"] if found["kind"] == "-" else "")

    return _VARIABLE.sub(value, text)


def raw() -> dict[str, Any]:
    """The file with its anchors merged and its variables as they stand."""
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


def interpolated(variables: Mapping[str, str]) -> dict[str, Any]:
    """The file as it is deployed with these variables."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(value) for value in node]
        return interpolate(node, variables) if isinstance(node, str) else node

    return walk(raw())


def variables_used() -> dict[str, str | None]:
    """Every variable of the file with its default; None where it has none."""
    found = _VARIABLE.finditer(COMPOSE.read_text(encoding="utf-8"))
    return {m["name"]: m["rest"] if m["kind"] == "-" else None for m in found if m["name"]}


def env_file(path: Path = ENV_EXAMPLE) -> dict[str, str]:
    """NAME=value lines; raises AssertionError on anything that is neither that, nor a comment, nor empty."""
    values: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        assert equals, f"{path.name}: {line!r}"
        assert re.fullmatch(r"[A-Z][A-Z0-9_]*", name), f"{path.name}: {line!r}"
        assert name not in values, f"{path.name} says {name} twice"
        values[name] = value
    return values
