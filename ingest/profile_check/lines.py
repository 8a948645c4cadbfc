"""A YAML text with the line of every key and the words as they stand there, for messages that a person can follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unicodedata import normalize

import yaml

KeyPath = tuple[Any, ...]  # keys and, in lists, indices from 0
_MERGE = "tag:yaml.org,2002:merge"


@dataclass
class Document:
    """The content of a profile file. `lines` are counted from 1; `words` are values, and `keys` keys, as they are written.

    `repeated` are keys that stand twice in one mapping: YAML keeps the last and says nothing.
    """

    content: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    words: dict[KeyPath, str] = field(default_factory=dict)
    keys: dict[KeyPath, str] = field(default_factory=dict)
    repeated: list[tuple[KeyPath, int]] = field(default_factory=list)

    def line(self, path: KeyPath) -> int:
        """The line of a key; of what it would stand in where there is no such key."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def holds(self, path: KeyPath) -> bool:
        return path in self.lines

    def at(self, path: KeyPath) -> Any:
        """The content at a path that is there."""
        value = self.content
        for part in path:
            value = value[part]
        return value


def read_yaml(text: str) -> Document:
    """The content in composed letters (NFC), as values and headings of sources are compared. Raises yaml.YAMLError."""
    loader = yaml.SafeLoader(normalize("NFC", text))
    try:
        node = loader.get_single_node()
        found = Document()
        if node is not None:
            for path, line, repeated in _walk(loader, node, (), found, ()):
                if repeated:
                    found.repeated.append((path, line))
                found.lines[path] = line
            found.content = loader.construct_document(node)
        return found
    finally:
        loader.dispose()


def _walk(
    loader: yaml.SafeLoader, node: yaml.Node, path: KeyPath, found: Document, above: tuple[int, ...]
) -> Iterator[tuple[KeyPath, int, bool]]:
    """Every key path below `node` with its line, and whether it stood there before."""
    if id(node) in above:  # an anchor inside itself
        return
    above = (*above, id(node))
    if isinstance(node, yaml.ScalarNode):
        found.words[path] = node.value
    elif isinstance(node, yaml.SequenceNode):
        for index, element in enumerate(node.value):
            yield (*path, index), element.start_mark.line + 1, False
            yield from _walk(loader, element, (*path, index), found, above)
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.tag == _MERGE or not isinstance(key, yaml.ScalarNode):
                continue
            name = loader.construct_object(key)
            here = (*path, name)
            found.keys[here] = key.value
            yield here, key.start_mark.line + 1, name in seen
            seen.add(name)
            yield from _walk(loader, value, here, found, above)


def unparsed(error: yaml.YAMLError) -> tuple[int, str]:
    """The line of what is not YAML, and why: mostly a line that is indented wrongly."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or "it cannot be parsed"
    line = mark.line + 1 if mark else 1
    if "'\\t'" in problem:
        return line, "is not YAML: the indentation is wrong in this line: it has a tab, write blanks"
    deeper = problem.startswith("expected <block end>, but found '<block") or (
        problem.startswith("mapping values are not allowed") and mark is not None and _only_a_key_before(mark)
    )
    if deeper:
        return line, "is not YAML: the indentation is wrong in this line: keys of one mapping begin in one column"
    return line, f"is not YAML: {problem}"


def _only_a_key_before(mark: yaml.Mark) -> bool:
    """Whether the colon is the first of its line: `a: b: c` is no matter of indentation."""
    if mark.buffer is None:
        return False
    return ": " not in mark.buffer[: mark.pointer].rpartition("\n")[2]
