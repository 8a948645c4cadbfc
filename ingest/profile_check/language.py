"""The keys that the profile language has at a place, and what may stand there, read off the models that check it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ingest.profile import Profile
from ingest.profile_check.lines import KeyPath

_SIMPLE = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", Path: "a folder"}


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the key that a profile writes."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def annotation_at(path: KeyPath) -> Any:
    """The type of what may stand at a path of a profile; None where the language has no such place."""
    annotation: Any = Profile
    for part in path:
        annotation = next((inner for option in options(annotation) if (inner := _inside(option, part))), None)
        if annotation is None:
            return None
    return annotation


def model_at(path: KeyPath) -> type[BaseModel] | None:
    """The model of the mapping at a path, where it has fixed keys."""
    return next((o for o in options(annotation_at(path)) if isinstance(o, type) and issubclass(o, BaseModel)), None)


def options(annotation: Any) -> Iterator[Any]:
    """The alternatives of a type, without None and without what pydantic adds to it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from options(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from options(one)
    elif annotation not in (None, type(None)):
        yield annotation


def _inside(option: Any, part: object) -> Any:
    if isinstance(option, type) and issubclass(option, BaseModel):
        info = keys_of(option).get(str(part))
        return info.annotation if info else None
    if get_origin(option) is dict:
        return get_args(option)[1]
    return get_args(option)[0] if get_origin(option) is tuple and isinstance(part, int) else None


def choices(annotation: Any) -> list[str]:
    """The words, or numbers, of a closed choice."""
    return [str(v) for option in options(annotation) if get_origin(option) is Literal for v in get_args(option)]


def expected(annotation: Any) -> str:
    """What may stand there, for people."""
    said = list(dict.fromkeys(_said(option) for option in options(annotation)))
    if "a number" in said and "a whole number" in said:
        said.remove("a whole number")
    return ", or ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else said[0]


def _said(option: Any) -> str:
    origin = get_origin(option)
    if origin is Literal:
        return f"one of {', '.join(map(str, get_args(option)))}"
    if origin is dict:
        return "a mapping (key: value)"
    if origin is tuple:
        return "a list [a, b]" if expected(get_args(option)[0]) == "a text" else "a list"
    if isinstance(option, type) and issubclass(option, BaseModel):
        return f"a mapping with the keys {', '.join(keys_of(option))}"
    return _SIMPLE.get(option, str(option))
