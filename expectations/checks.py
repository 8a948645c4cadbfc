"""What a check is: one declaration that a reader can review, with no library behind it.

Great Expectations is named here only by its expectation types, so that importing the suites costs nothing (the
library takes seconds to import) and publishing can ask which checks are declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["critical", "warning"]
Scope = Literal["cell", "period"]

PORTAL_OWNER = "Bộ phận Một cửa của đơn vị"
PORTAL_SYSTEM = "Hệ thống thông tin giải quyết thủ tục hành chính"
OFFICE_OWNER = "Văn thư của đơn vị"
DATA_OWNER = "Tổ dữ liệu cải cách hành chính tỉnh"
# Who a check's fault is told to, as contacts.csv names them.
OWNERS = {"portal": PORTAL_OWNER, "office": OFFICE_OWNER, "data": DATA_OWNER}


@dataclass(frozen=True)
class Frame:
    """A SQL file in `frames/`, run on the build file.

    It always gives `agency_code` (null: no single agency) and `row_key`. `rows_vi` is what a row is called in an
    alert. `entity` names the landed entity without which the frame may be empty: a deployment with no document source
    has no documents, and that is no fault. `in_place`: a row per record, so the checks are evaluated in DuckDB, where the
    rows lie, and not in pandas; both give the same results.
    """

    name: str
    rows_vi: str
    entity: str | None = None
    in_place: bool = False


@dataclass(frozen=True)
class Check:
    """One check. A failing row is a row of `frame` that the expectation does not accept.

    `expect` is the type of a row-based Great Expectations expectation and `arguments` are its arguments. Bounds that
    depend on the period or on the settings are columns of the frame.

    `spoils` says what a failing row of a `cell` check puts in doubt: columns of facts (`fct_dossiers.finished_at`), or whole
    facts (`fct_dossiers`), as `lineage.py` knows them; of two columns that contradict each other, both. It is empty where the
    row names the figure itself in `indicator_code` (and `scope`). A frame over several facts says in `spoiled_table` which.
    """

    id: str
    frame: Frame
    expect: str
    arguments: Mapping[str, Any]
    severity: Severity
    scope: Scope
    why: str
    message_vi: str
    action_vi: str
    owner: str = DATA_OWNER
    show: tuple[str, ...] = ()
    spoils: tuple[str, ...] = ()

    @property
    def columns_shown(self) -> tuple[str, ...]:
        """The columns whose values an alert prints beside a failing row."""
        if self.show:
            return self.show
        named = [self.arguments.get(name) for name in ("column", "column_B", "column_A")]
        return tuple(name for name in named if isinstance(name, str))

    @property
    def columns_told(self) -> tuple[str, ...]:
        """What is told of a failing row: the agency, the key, the figure or fact that it names if any, the columns shown."""
        named = ("agency_code", "row_key", "scope", "indicator_code", "spoiled_table")
        return tuple(dict.fromkeys((*named, *self.columns_shown)))

    @property
    def columns_read(self) -> frozenset[str]:
        """Every column that the expectation reads, among other words of its arguments."""
        listed = (value if isinstance(value, list | tuple) else [value] for value in self.arguments.values())
        return frozenset(word for words in listed for word in words if isinstance(word, str))


def at_least(larger: str, smaller: str, *, strictly: bool = False) -> dict[str, Any]:
    """Arguments of a pair expectation: `larger` ≥ `smaller` (or >) wherever both are known."""
    return {
        "column_A": larger,
        "column_B": smaller,
        "or_equal": not strictly,
        "ignore_row_if": "either_value_is_missing",
    }


def equal(left: str, right: str) -> dict[str, Any]:
    """Arguments of a pair expectation: both columns are equal wherever both are known."""
    return {"column_A": left, "column_B": right, "ignore_row_if": "either_value_is_missing"}


GREATER = "expect_column_pair_values_a_to_be_greater_than_b"
EQUAL = "expect_column_pair_values_to_be_equal"
BETWEEN = "expect_column_values_to_be_between"
NULL = "expect_column_values_to_be_null"
NOT_NULL = "expect_column_values_to_not_be_null"
UNIQUE = "expect_column_values_to_be_unique"
UNIQUE_TOGETHER = "expect_compound_columns_to_be_unique"
