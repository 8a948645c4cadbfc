"""What Great Expectations says of the rows of one frame, in pandas or in DuckDB where they lie.

Only the gate imports this, and only when there is something to evaluate: the library takes seconds to import.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults
from great_expectations.execution_engine.execution_engine import ExecutionEngine
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.validator.validator import Validator

from expectations.checks import UNIQUE_TOGETHER, Check
from expectations.reading import FrameTable
from expectations.reading_dialect import reading_engine

Rows = pd.DataFrame | FrameTable


@dataclass(frozen=True)
class Answer:
    """What the library says of one check: it holds, some rows fail, or it crashed.

    `failing` has agency_code, row_key and the columns shown of every failing row; it is None where no row is named.
    """

    holds: bool
    failing: pd.DataFrame | None = None
    crash: str | None = None


def ask(rows: Rows, checks: Sequence[Check]) -> dict[str, list[Answer]]:
    """The answers by check id; it is for the gate to demand one of every check.

    All checks are asked first whether they hold, in few statements. One that does not, or that cannot be told so, is asked
    again by itself for its rows: in one statement a check that crashes takes its neighbours with it.
    """
    if isinstance(rows, pd.DataFrame):
        rows = rows.reset_index(drop=True)
    engine = _engine(rows)
    first = _validate(engine, checks, {"result_format": "BOOLEAN_ONLY"})
    answers = {}
    for check in checks:
        found = first.get(check.id, [])
        if [_holds(one) for one in found] != [True] or "mostly" in check.arguments:
            found = _validate(engine, [check], _with_rows(rows, check)).get(check.id, [])
        answers[check.id] = [_answer(rows, one) for one in found]
    return answers


def ready() -> None:
    """Returns when all is done that the library does once a process, for who wants to time the rest."""
    _context()


def _engine(rows: Rows) -> ExecutionEngine[Any]:
    engine: ExecutionEngine[Any]
    if isinstance(rows, FrameTable):
        engine = SqlAlchemyExecutionEngine(engine=reading_engine(rows.connection))
        engine.load_batch_data("frame", SqlAlchemyBatchData(engine, table_name=rows.name))
    else:
        engine = PandasExecutionEngine()
        engine.load_batch_data("frame", rows)
    return engine


@cache
def _context() -> Any:
    """A context that writes nothing anywhere; the library wants one to know that no progress bar is wanted."""
    nowhere = InMemoryStoreBackendDefaults(init_temp_docs_sites=False)
    context = gx.get_context(mode="ephemeral", project_config=DataContextConfig(store_backend_defaults=nowhere))
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    return context


def _validate(engine: ExecutionEngine[Any], checks: Sequence[Check], form: dict[str, Any]) -> dict[str, list[Any]]:
    """The library's results by check id, also the expectations that cannot be built as the exceptions they raise."""
    found: dict[str, list[Any]] = {}
    configurations = []
    for check in checks:
        if check.expect == UNIQUE_TOGETHER and isinstance(engine, SqlAlchemyExecutionEngine):
            # There the library names no failing row, and does not look at keys of which a part is missing.
            found[check.id] = [
                NotImplementedError(f"{UNIQUE_TOGETHER} in DuckDB: give the frame one column for the key")
            ]
            continue
        try:
            kind = get_expectation_impl(check.expect)
            configurations.append(kind(**dict(check.arguments), meta={"check": check.id}).configuration)
        except Exception as error:
            found.setdefault(check.id, []).append(error)
    if not configurations:
        return found
    validator = Validator(execution_engine=engine, data_context=_context())
    with warnings.catch_warnings():
        # The library's calls that the next pandas will not know; nothing here can change them.
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        results = validator.graph_validate(configurations, runtime_configuration={"result_format": form})
    for result in results:
        config: Any = result.expectation_config
        found.setdefault(config.meta["check"], []).append(result)
    return found


def _with_rows(rows: Rows, check: Check) -> dict[str, Any]:
    """The form of a result that names every failing row: its place in pandas, its columns in DuckDB."""
    form = {
        "result_format": "COMPLETE",
        "partial_unexpected_count": max(len(rows), 1),
        "exclude_unexpected_values": True,
    }
    if isinstance(rows, FrameTable):
        form["unexpected_index_column_names"] = [name for name in check.columns_told if name in rows.columns]
    return form | {"return_unexpected_index_query": False}


def _holds(result: Any) -> bool:
    return not isinstance(result, Exception) and _crash(result.exception_info) is None and result.success is True


def _answer(rows: Rows, result: Any) -> Answer:
    if isinstance(result, Exception):
        return Answer(holds=False, crash=f"{type(result).__name__}: {result}")
    if crash := _crash(result.exception_info):
        return Answer(holds=False, crash=crash)
    named = (result.result or {}).get("unexpected_index_list")
    if not named:
        return Answer(holds=result.success is True)
    failing = pd.DataFrame(named[0]) if isinstance(rows, FrameTable) else rows.loc[sorted(named)]
    counted = result.result.get("unexpected_count")
    if len(failing) != counted:
        return Answer(holds=False, crash=f"{counted} failing rows are counted and {len(failing)} named")
    return Answer(holds=False, failing=failing)


def _crash(info: Any) -> str | None:
    """The message of a crashed expectation; the library gives one entry, or one per metric that crashed."""
    if not info:
        return None
    entries = [info] if "raised_exception" in info else list(info.values())
    for entry in entries:
        if entry.get("raised_exception"):
            return str(entry.get("exception_message") or "the expectation crashed")
    return None
