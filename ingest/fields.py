"""The field language of a profile: where one column comes from, and whether that can fit the column at all.

A field is one of `path`, `const`, `param`, or `first`, `any`, `sum`, `count`, each with an optional `when`. Nothing else:
a source that needs more brings a Python adapter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ingest.contracts import Column
from ingest.errors import Located
from ingest.formats import NAMED_DATES, NUMBERS, is_date_format
from ingest.spelling import did_you_mean
from ingest.values import fault_of

_PYTHON: dict[str, tuple[type, ...]] = {"text": (str,), "integer": (int,), "boolean": (bool,), "decimal": (int, float)}


def _is_format(form: str) -> str:
    if form not in NUMBERS and not is_date_format(form):
        meant = did_you_mean(form, (*NAMED_DATES, *NUMBERS))
        raise ValueError(
            f"{form!r} is no format{meant}: for dates combine yyyy MM dd HH mm ss (d M H for one or two digits), for example "
            f"yyyyMMddHHmmss, or name one of {', '.join(NAMED_DATES)}; for numbers name one of {', '.join(NUMBERS)}"
        )
    return form


Format = Annotated[str, AfterValidator(_is_format)]


class Strict(BaseModel):
    """A part of a profile: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class When(Strict):
    """The field counts only in rows where `field` (a source path) has one of the values `in`; "" is a blank."""

    field: str
    values: tuple[str, ...] = Field(alias="in")


class Over(Strict):
    """Elements of the nested list at `list`: those where every path of `present` is filled and `path` is one of `in`."""

    list_path: str = Field(alias="list")
    path: str | None = None
    values: tuple[str, ...] = Field((), alias="in")
    present: tuple[str, ...] = ()


class FieldMap(Strict):
    """Where one contract column comes from. An `optional` one may be left out of every row of an export.

    `codes` say what a source's words mean; with a `format` beside them they are the exceptions, all else is read by format.
    """

    path: str | None = None
    const: str | int | bool | float | None = None
    param: str | None = None
    first: tuple[FieldMap, ...] | None = Field(None, min_length=1)
    any: Over | None = None
    sum: Over | None = None
    count: Over | None = None
    when: When | None = None
    format: tuple[Format, ...] | Format | None = None
    codes: dict[str, str | int | bool | float | None] | None = None
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
    """A nested list of the source mapped to a child of the contract. Its elements hold values, no further lists."""

    list_path: str = Field(alias="list")
    fields: dict[str, FieldMap]
    optional: bool = False

    @model_validator(mode="after")
    def _flat(self) -> ChildMap:
        for name, field in self.fields.items():
            if any(leaf.any or leaf.sum or leaf.count for leaf in field.leaves()):
                raise ValueError(f"fields.{name}: any, sum and count read the row's lists, not lists inside a list")
        return self


def unfit(fields: Mapping[str, FieldMap], columns: Iterable[Column]) -> Iterator[Located]:
    """Why these fields cannot fill these columns."""
    known = {c.name: c for c in columns}
    for name in fields:
        if name not in known:
            yield (name,), f"{name} not in the contract{did_you_mean(name, known)}; allowed are {', '.join(known)}"
    for name, column in known.items():
        if column.required and name not in fields:
            yield (name,), f"required {name} missing; say where it comes from"
    for name, field in fields.items():
        if name in known:
            yield from _unfit(field, known[name], (name,))


def _unfit(field: FieldMap, column: Column, path: tuple[str | int, ...]) -> Iterator[Located]:
    for number, alternative in enumerate(field.first or ()):
        yield from _unfit(alternative, column, (*path, "first", number))
    if field.first is None:
        yield from ((path + below, text) for below, text in _unfit_leaf(field, column))


def _unfit_leaf(leaf: FieldMap, column: Column) -> Iterator[Located]:
    if (leaf.path is not None or leaf.param is not None) and (fault := _unfit_formats(leaf, column)):
        yield (), fault
    made = "boolean" if leaf.any else "integer" if leaf.sum or leaf.count else column.type
    if made != column.type:
        yield (), f"the column is {column.type}, not {made}"
    if leaf.const is not None and (fault := _unfit_value(leaf.const, column)):
        yield ("const",), fault
    for code, value in (leaf.codes or {}).items():
        if value is not None and (fault := _unfit_value(value, column)):
            yield ("codes", code), fault


def _unfit_formats(leaf: FieldMap, column: Column) -> str | None:
    dates = [form for form in leaf.formats if form not in NUMBERS]
    if column.type in ("date", "instant"):
        if not leaf.formats or len(dates) < len(leaf.formats):
            return "a date needs its format, for example yyyyMMddHHmmss"
    elif dates:
        return f"{dates[0]} is a date format, the column is {column.type}"
    elif leaf.formats and column.type not in ("integer", "decimal"):
        return f"{leaf.formats[0]} is a number format, the column is {column.type}"
    elif column.type == "decimal" and not (leaf.formats or leaf.codes):
        return f"a decimal needs its format, one of {', '.join(NUMBERS)}"
    elif column.type == "boolean" and leaf.codes is None:
        return "a boolean needs codes that say what is true and what is false"
    return None


def _unfit_value(value: str | int | bool | float, column: Column) -> str | None:
    if type(value) not in _PYTHON.get(column.type, ()):
        return f"{value!r} is no {column.type}"
    if fault := fault_of(value, column):
        return f"{value!r} is not {fault[1]}{did_you_mean(value, map(str, column.allowed))}"
    return None
