"""The field language of a profile: where one column comes from, and whether that can fit the column at all.

A field is one of `path`, `const`, `param`, or `first`, `any`, `sum`, `count`, each with an optional `when`. Nothing else:
a source that needs more brings a Python adapter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingest.contracts import Column
from ingest.formats import is_format
from ingest.values import Bad, checked

_PYTHON: dict[str, type] = {"text": str, "integer": int, "boolean": bool}


def _is_format(form: str) -> str:
    if not is_format(form):
        raise ValueError(f"{form!r} is no date format: combine yyyy MM dd HH mm ss, for example yyyyMMddHHmmss")
    return form


DateFormat = Annotated[str, AfterValidator(_is_format)]


class Strict(BaseModel):
    """A part of a profile: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class When(Strict):
    """The field counts only in rows where `field` (a source path) has one of the values `in`."""

    field: str
    values: tuple[str, ...] = Field(alias="in")


class Over(Strict):
    """Elements of the nested list at `list`: those where every path of `present` is filled and `path` is one of `in`."""

    list_path: str = Field(alias="list")
    path: str | None = None
    values: tuple[str, ...] = Field((), alias="in")
    present: tuple[str, ...] = ()


class FieldMap(Strict):
    """Where one contract column comes from. An `optional` one may be left out of every row of an export."""

    path: str | None = None
    const: str | int | bool | None = None
    param: str | None = None
    first: tuple[FieldMap, ...] | None = Field(None, min_length=1)
    any: Over | None = None
    sum: Over | None = None
    count: Over | None = None
    when: When | None = None
    format: tuple[DateFormat, ...] | DateFormat | None = None
    codes: dict[str, str | int | bool | None] | None = None
    optional: bool = False

    @model_validator(mode="after")
    def _one_kind(self) -> FieldMap:
        kinds = ("path", "const", "param", "first", "any", "sum", "count")
        given = [k for k in kinds if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(kinds)}; found {', '.join(given) or 'none'}")
        return self

    @model_validator(mode="after")
    def _says_what_it_looks_for(self) -> FieldMap:
        if self.sum and (self.sum.path is None or self.sum.values or self.sum.present):
            raise ValueError("sum needs the path of what is added up, and takes nothing else but its list")
        for kind, over in (("any", self.any), ("count", self.count)):
            if over and (over.path is None) != (not over.values):
                raise ValueError(f"{kind}: path and in go together: give both, or neither")
        return self

    @property
    def formats(self) -> tuple[str, ...]:
        return (self.format,) if isinstance(self.format, str) else self.format or ()

    def leaves(self) -> Iterator[FieldMap]:
        """The fields that read something: the alternatives of `first`, else the field itself."""
        for field in self.first or ():
            yield from field.leaves()
        if self.first is None:
            yield self


class ChildMap(Strict):
    """A nested list of the source mapped to a child of the contract."""

    list_path: str = Field(alias="list")
    fields: dict[str, FieldMap]
    optional: bool = False


def fit(where: str, fields: dict[str, FieldMap], columns: Iterable[Column]) -> None:
    """Raises ValueError when these fields cannot fill these columns."""
    known = {c.name: c for c in columns}
    if unknown := sorted(set(fields) - set(known)):
        raise ValueError(f"{where}: {', '.join(unknown)} not in the contract; allowed are {', '.join(known)}")
    if missing := sorted(n for n, c in known.items() if c.required and n not in fields):
        raise ValueError(f"{where}: required {', '.join(missing)} missing")
    for name, field in fields.items():
        for leaf in field.leaves():
            _fit_leaf(f"{where}.{name}", leaf, known[name])


def _fit_leaf(where: str, leaf: FieldMap, column: Column) -> None:
    single = leaf.path is not None or leaf.param is not None
    if single and column.type in ("date", "instant") and not leaf.formats:
        raise ValueError(f"{where}: a date needs its format, for example yyyyMMddHHmmss")
    if single and column.type == "boolean" and leaf.codes is None:
        raise ValueError(f"{where}: a boolean needs codes that say what is true and what is false")
    made = "boolean" if leaf.any else "integer" if leaf.sum or leaf.count else column.type
    if made != column.type:
        raise ValueError(f"{where}: the column is {column.type}, not {made}")
    if leaf.const is not None:
        _fit_value(f"{where}.const", leaf.const, column)
    for code, value in (leaf.codes or {}).items():
        if value is not None:
            _fit_value(f"{where}.codes.{code}", value, column)


def _fit_value(where: str, value: str | int | bool, column: Column) -> None:
    if type(value) is not _PYTHON.get(column.type):
        raise ValueError(f"{where}: {value!r} is no {column.type}")
    try:
        checked(value, column)
    except Bad as bad:
        raise ValueError(f"{where}: {value!r} is not {bad.expected}") from None
