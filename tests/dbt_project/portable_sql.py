"""Which functions, types and operators a piece of SQL uses, by sqlglot's names, and which ones are agreed upon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import sqlglot
import yaml
from sqlglot import TokenType, exp

from tests.dbt_project.build_files import PROJECT

STAND_IN = "stand_in"
# Macros that are no expression but a clause, or a query.
_CLAUSES = {"each_item": "cross join {}", "join_agencies": "cross join {}", "agency_spellings": "select {}"}
_MACRO = re.compile(r"\{%-? macro (\w+)\(")


def used(sql: str) -> set[str]:
    """Names of functions (small letters), `type x`, and kinds of syntax (CamelCase). Raises sqlglot's ParseError."""
    names = {
        name for tree in sqlglot.parse(sql, dialect="duckdb") if tree for node in tree.walk() for name in _names(node)
    }
    # The tree does not tell a cast from its short form.
    return names | {"::" for token in sqlglot.tokenize(sql, dialect="duckdb") if token.token_type is TokenType.DCOLON}


def _names(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Anonymous):
        yield node.name.lower()
    elif isinstance(node, exp.Func):
        yield node.sql_name().lower()
    elif isinstance(node, exp.DataType):
        yield f"type {node.this.value.lower()}"
    elif isinstance(node, exp.Group) and node.args.get("all"):
        yield "group by all"
    elif isinstance(node, exp.Star) and any(node.args.values()):
        yield "* exclude, * replace"
    elif not isinstance(node, exp.DataTypeParam):
        yield type(node).__name__


def agreed() -> set[str]:
    content = yaml.safe_load((PROJECT / "portable_sql.yml").read_text(encoding="utf-8"))
    assert all(content["functions"].values()), "every function says why it is portable"
    kinds = {kind for kinds in content["syntax"].values() for kind in kinds}
    return set(content["functions"]) | {f"type {name}" for name in content["types"]} | kinds


def emitted() -> dict[str, set[str]]:
    """Macro of one engine's dialect to what it declares that it emits."""
    content = yaml.safe_load((PROJECT / "macros" / "_macros.yml").read_text(encoding="utf-8"))
    return {macro["name"]: set(macro["config"]["meta"]["emits"]) for macro in content["macros"]}


def macros_of(node: dict[str, Any], manifest: dict[str, Any]) -> set[str]:
    """Names of our macros that a model or test calls, those called by macros too."""
    seen, to_see = set(), list(node["depends_on"]["macros"])
    while to_see:
        if (macro := to_see.pop()) not in seen and macro.startswith("macro.cchc_warehouse."):
            seen.add(macro)
            to_see += manifest["macros"][macro]["depends_on"]["macros"]
    return {macro.rsplit(".", 1)[1] for macro in seen}


def _is_sql(text: str) -> bool:
    try:
        return bool(sqlglot.parse_one(text, dialect="duckdb"))
    except sqlglot.ParseError:
        return False


def source_of(path: Path) -> str:
    """A model's own SQL. A stand-in for every macro takes the macro's arguments along, since they hold SQL of the model."""
    names = {
        name for file in (PROJECT / "macros").glob("*.sql") for name in _MACRO.findall(file.read_text(encoding="utf-8"))
    }
    macros = {name: partial(_stand_in, name) for name in names}
    template = jinja2.Environment().from_string(path.read_text(encoding="utf-8"))
    return template.render(**macros, ref=lambda name: name, source=lambda _, name: name, config=lambda **_: "")


def _stand_in(macro: str, *values: Any, **more: Any) -> str:
    parts = [part for value in (*values, *more.values()) for part in (value if isinstance(value, list) else [value])]
    expression = f"{STAND_IN}({', '.join(part for part in map(str, parts) if _is_sql(part))})"
    return _CLAUSES.get(macro, "{}").format(expression)
