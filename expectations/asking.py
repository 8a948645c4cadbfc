"""What Great Expectations says of the rows of one frame, in pandas or in DuckDB where they lie.

Only the gate imports this, and only when there is something to evaluate: the library takes seconds to import.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from great_expectations.expectations.registry import get_expectation_impl, get_metric_kwargs
from great_expectations.validator.metric_configuration import MetricConfiguration
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

    The library first counts the failing rows of all checks at once. A check with such rows, or whose rows it cannot count, is
    asked by itself for them: in one statement a check that crashes takes its neighbours with it.
    """
    if isinstance(rows, pd.DataFrame):
        rows = rows.reset_index(drop=True)
    counts = _failing_rows(_engine(rows), checks)
    answers = {check.id: [Answer(holds=True)] for check in checks if counts.get(check.id) == 0}
    again = [check for check in checks if check.id not in answers]
    if again and isinstance(rows, FrameTable):
        rows = rows.numbered(frozenset[str]().union(*(check.columns_told for check in again)))
    for check in again:
        found = _validate(_engine(rows), check, _naming_rows(rows))
        answers[check.id] = [_answer(rows, check, result) for result in found]
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


def _failing_rows(engine: ExecutionEngine[Any], checks: Sequence[Check]) -> dict[str, int | None]:
    """How many rows do not meet each expectation, by check id, without those that the library cannot count.

    It is the metric that an expectation compares with zero. To ask for that alone spares most of the library's own work, which
    would take longer than the statements do.
    """
    metrics = {}
    for check in checks:
        try:
            expectation = _expectation(engine, check)
            name = f"{expectation.map_metric}.unexpected_count"
            keys = get_metric_kwargs(name)
            domain, value = (
                {key: getattr(expectation, key, None) for key in keys[which]}
                for which in ("metric_domain_keys", "metric_value_keys")
            )
        except Exception:  # whatever it is, the check is asked by itself and then says so
            continue
        metrics[check.id] = MetricConfiguration(name, domain, value)
    validator = Validator(execution_engine=engine, data_context=_context())
    with _its_warnings_ignored():
        found, _ = validator.compute_metrics(list(metrics.values()))
    return {check: found.get(metric.id) for check, metric in metrics.items()}


def _validate(engine: ExecutionEngine[Any], check: Check, form: dict[str, Any]) -> list[Any]:
    """The library's result in the given form, or the exception that it raises where the expectation cannot be built."""
    try:
        configuration = _expectation(engine, check).configuration
    except Exception as error:
        return [error]
    validator = Validator(execution_engine=engine, data_context=_context())
    with _its_warnings_ignored():
        found: list[Any] = validator.graph_validate([configuration], runtime_configuration={"result_format": form})
    return found


def _expectation(engine: ExecutionEngine[Any], check: Check) -> Any:
    if check.expect == UNIQUE_TOGETHER and isinstance(engine, SqlAlchemyExecutionEngine):
        # There the library names no failing row, and does not look at keys of which a part is missing.
        raise NotImplementedError(f"{UNIQUE_TOGETHER} in DuckDB: count in the frame how often the key occurs")
    return get_expectation_impl(check.expect)(**dict(check.arguments))


@contextmanager
def _its_warnings_ignored() -> Iterator[None]:
    """Without what it calls that the next pandas will not know; nothing here can change that."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        yield


def _naming_rows(rows: Rows) -> dict[str, Any]:
    """The form of a result that names every failing row by its number."""
    form = {"result_format": "SUMMARY", "partial_unexpected_count": len(rows), "exclude_unexpected_values": True}
    return form | ({"unexpected_index_column_names": [rows.number]} if isinstance(rows, FrameTable) else {})


def _answer(rows: Rows, check: Check, result: Any) -> Answer:
    if isinstance(result, Exception):
        return Answer(holds=False, crash=f"{type(result).__name__}: {result}")
    if crash := _crash(result.exception_info):
        return Answer(holds=False, crash=crash)
    named = (result.result or {}).get("partial_unexpected_index_list")
    if not named:
        return Answer(holds=result.success is True)
    if isinstance(rows, FrameTable):
        failing = rows.rows(pd.Series(named[0][rows.number]), check.columns_told)
    else:
        failing = rows.loc[sorted(named)]
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
