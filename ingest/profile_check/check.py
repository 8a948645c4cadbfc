"""Reads a profile and says all that is wrong with it: file, line, key path, what was found, what is allowed.

Pydantic leaves the checks of a whole until its parts are right. So what was found wrong is taken out of the content and
the rest is judged again, until nothing new is found; what is wrong only because something was taken out is not said.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ingest.profile import ExportMap, Profile
from ingest.profile_check.language import keys_of
from ingest.profile_check.lines import Document, KeyPath, read_yaml, unparsed
from ingest.profile_check.sentences import Found, sentences

_OF_A_TRANSPORT = ("endpoint", "paging", "file")  # a profile as a whole judges these


@dataclass(frozen=True)
class ProfileFault:
    """One fault of a profile file. `line` counts from 1."""

    file: str
    line: int
    path: str
    text: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {where}{self.text}"


@dataclass(frozen=True)
class Checked:
    """A profile that can be used, or its faults in the order of the file."""

    profile: Profile | None
    faults: tuple[ProfileFault, ...]


def read(file: Path) -> Checked:
    """Never raises for what stands in the file, or for its absence."""
    try:
        document = read_yaml(file.read_text(encoding="utf-8"))
    except OSError as error:
        return _broken(file, 1, f"cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        return _broken(file, 1, "is not UTF-8; save it in that encoding")
    except yaml.YAMLError as error:
        return _broken(file, *unparsed(error))
    if not isinstance(document.content, dict):
        return _broken(file, 1, "a profile is a mapping with the keys " + ", ".join(keys_of(Profile)))
    profile, found = _judged(document)
    repeated = [
        ProfileFault(str(file), line, _dotted(path), "the key stands there twice; YAML would keep the last one")
        for path, line in document.repeated
    ]
    faults = [*repeated, *(_fault(file, document, one) for one in found)]
    return Checked(None if faults else profile, tuple(sorted(dict.fromkeys(faults), key=lambda fault: fault.line)))


def _broken(file: Path, line: int, text: str) -> Checked:
    return Checked(None, (ProfileFault(str(file), line, "", text),))


def _judged(document: Document) -> tuple[Profile | None, list[Found]]:
    found: list[Found] = []
    gone: set[KeyPath] = set()
    told: set[KeyPath] = set()  # exports whose keys were seen together: there is nothing else to say of them
    rest = Document(copy.deepcopy(document.content), document.lines, document.words, document.keys)
    while True:
        profile, new = _round(rest)
        found += [one for one in new if not _follows_from(one.path, gone) and not _is_told(one.path, told)]
        taken = {path for one in new if (path := _part(one))}
        gone |= taken | {one.path for one in new} | {(*one.path[:-1], one.meant) for one in new if one.meant}
        told |= {one.whole for one in new if one.whole}
        done = [_take_out(rest.content, path) for path in taken]
        if profile is not None or not any(done):
            return profile, found


def _round(document: Document) -> tuple[Profile | None, list[Found]]:
    try:
        profile = Profile.model_validate(document.content)
    except ValidationError as error:
        return None, list(sentences(document, error.errors()))
    return profile, [] if profile.exports else [Found(("exports",), "there is none; give one at least")]


def _follows_from(path: KeyPath, gone: Iterable[KeyPath]) -> bool:
    """Whether a fault is one of something that was taken out, of the mapping right around it, or of what rests on it."""
    rests = [(*path[:2], *keys) for keys in _rests_on(path[2:])]
    return any(
        path[: len(one)] == one or (path and path == one[:-1]) or any(one[: len(rest)] == rest for rest in rests)
        for one in gone
    )


def _rests_on(path: KeyPath) -> tuple[KeyPath, ...]:
    """The other keys of an export by which a key of it is judged."""
    match path:
        case ["changes"]:
            return (("fields", "updated_at"),)
        case [*_, "param"]:
            return (("params",),)
        case ["params", *_]:
            return (("for_each",),)
        case ["file", *_]:
            return (("for_each",), ("endpoint",))
        case ["endpoint"]:
            return (("file",),)
    return ()


def _is_told(path: KeyPath, told: set[KeyPath]) -> bool:
    return path[:2] in told and len(path) > 2 and path[2] not in _OF_A_TRANSPORT


def _part(found: Found) -> KeyPath | None:
    """What has to be taken out so that all else can still be judged; None when nothing else can."""
    path = found.path
    if found.unknown:
        return path
    if path[:1] != ("exports",):
        return path[:1] if path and not keys_of(Profile)[str(path[0])].is_required() else None
    match path[2:]:
        case ["fields", _, *_]:
            return path[:4]
        case ["children", _, "fields", _, *_]:
            return path[:6]
        case ["children", _, *_]:
            return path[:4]
        case [key, *_] if not _is_required(key):
            return path[:3]
    return path[:2] if len(path) > 1 else None


def _is_required(key: Any) -> bool:
    info = keys_of(ExportMap).get(str(key))
    return info is None or info.is_required()


def _take_out(content: Any, path: KeyPath) -> bool:
    for part in path[:-1]:
        if not (isinstance(content, dict) and part in content) and not (
            isinstance(content, list) and part < len(content)
        ):
            return False
        content = content[part]
    return isinstance(content, dict) and content.pop(path[-1], content) is not content


def _fault(file: Path, document: Document, found: Found) -> ProfileFault:
    """The fault at its key, or at the mapping in which the key is missing."""
    path = found.path
    while path and not document.holds(path):
        path = path[:-1]
    return ProfileFault(str(file), document.line(path), _dotted(path), found.text)


def _dotted(path: KeyPath) -> str:
    return ".".join(map(str, path))
