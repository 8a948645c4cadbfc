"""Evaluates checks on a frame. Each check ends as held, failed or not evaluated; only held lets a critical check pass.

Great Expectations alone would let an empty suite and an empty frame pass, would call a warning a failure of the whole,
and would show a crashed check as bad data. So severity, `exception_info` and the number of results are read here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import duckdb

from cchc.period import LOCAL
from expectations.cells import Figure
from expectations.checks import Check
from expectations.reading import has_source, lay_out_frame, period_bounds, read_frame
from expectations.verdicts import EMPTY_FRAME, AgencyRows, CheckResult, Sample

if TYPE_CHECKING:
    import pandas as pd

    from expectations.asking import Answer, Rows

SAMPLES = 5


class GateBroken(RuntimeError):
    """The gate cannot judge at all, for example because nothing is declared."""


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    checks: Sequence[Check],
    names: dict[str, str],
    progress: Callable[[str], None] = lambda _: None,
    judged: Callable[[str, Sequence[CheckResult]], None] = lambda *_: None,
) -> list[CheckResult]:
    """Evaluates every check, frame by frame, so that only one frame is in memory at a time.

    `names` gives the Vietnamese name of an agency code. `progress` is called with each frame's name before it is read,
    `judged` with its name and results after. Raises GateBroken when there are no checks; everything else
    that goes wrong is a result `not_evaluated` of the checks it concerns.
    """
    if not checks:
        raise GateBroken("no check is declared: an empty gate would let everything pass")
    results: list[CheckResult] = []
    bounds = period_bounds(connection)
    ordered = sorted(checks, key=lambda check: check.frame.name)
    for frame, group in groupby(ordered, key=lambda check: check.frame):
        of_frame = list(group)
        progress(frame.name)
        try:
            data = lay_out_frame(connection, frame, of_frame) if frame.in_place else read_frame(connection, frame)
            may_be_empty = frame.entity is not None and not has_source(connection, frame.entity)
            found = evaluate_frame(data, of_frame, names, may_be_empty=may_be_empty)
        except Exception as error:  # a frame that cannot be read leaves its checks unevaluated, whatever the reason
            found = [_not_evaluated(check, 0, error) for check in of_frame]
        by_id = {check.id: check for check in of_frame}
        found = [r.model_copy(update={"bounds": _bounds(by_id[r.check], bounds)}) for r in found]
        judged(frame.name, found)
        results.extend(found)
    order = {check.id: position for position, check in enumerate(checks)}
    return sorted(results, key=lambda result: order[result.check])


def evaluate_frame(
    data: Rows, checks: Sequence[Check], names: dict[str, str], *, may_be_empty: bool = False
) -> list[CheckResult]:
    """Evaluates the checks of one frame; always one result per check."""
    if len(data) == 0:
        if may_be_empty:
            detail = "no export of this deployment delivers such rows"
            return [_result(check, "held", 0, detail=detail) for check in checks]
        return [_not_evaluated(check, 0, EMPTY_FRAME) for check in checks]
    try:
        from expectations import asking  # here, since Great Expectations takes seconds to import

        answers = asking.ask(data, checks)
    except Exception as error:  # the library failed as a whole: nothing it might have said counts
        return [_not_evaluated(check, len(data), error) for check in checks]
    return [_judge(check, len(data), answers.get(check.id, []), names) for check in checks]


def _judge(check: Check, rows: int, answers: Sequence[Answer], names: dict[str, str]) -> CheckResult:
    if len(answers) != 1:
        return _not_evaluated(check, rows, f"{len(answers)} results for one declared check")
    (answer,) = answers
    if answer.crash is not None:
        return _not_evaluated(check, rows, answer.crash)
    if answer.failing is not None:
        by_agency = _by_agency(check, answer.failing, names)
        return _result(check, "failed", rows, by_agency=by_agency, failed_rows=len(answer.failing))
    if answer.holds:
        return _result(check, "held", rows)
    return _not_evaluated(check, rows, f"{check.expect} names no failing row; use a row-based one")


def _by_agency(check: Check, rows: pd.DataFrame, names: dict[str, str]) -> list[AgencyRows]:
    """Failing rows per agency, most rows first; at most five sample rows of each, by key."""
    shown = [name for name in check.columns_shown if name in rows.columns]
    heads = rows.sort_values("row_key", kind="stable").groupby("agency_code", dropna=False, sort=False).head(SAMPLES)
    samples: dict[str | None, list[Sample]] = {}
    for row in heads.to_dict("records"):
        sample = Sample(key=str(row["row_key"]), values={name: _plain(row[name]) for name in shown})
        samples.setdefault(_code(row["agency_code"]), []).append(sample)
    counts = {
        _code(code): int(count) for code, count in rows.groupby("agency_code", dropna=False, sort=False).size().items()
    }
    figures = _figures(rows) if check.scope == "cell" else {}
    tables = _spoiled_tables(rows)
    found = [
        AgencyRows(
            agency_code=code,
            name_vi=names.get(code or ""),
            rows=count,
            samples=samples[code],
            figures=figures.get(code, []),
            tables=tables.get(code, []),
        )
        for code, count in counts.items()
    ]
    return sorted(found, key=lambda entry: (-entry.rows, entry.agency_code or ""))


def _code(value: Any) -> str | None:
    import pandas as pd

    return None if pd.isna(value) else str(value)


def _figures(rows: pd.DataFrame) -> dict[str | None, list[Figure]]:
    """The figures that rows of a frame about figures name, by agency; none for a frame of records."""
    named = [name for name in ("scope", "indicator_code") if name in rows.columns]
    found: dict[str | None, list[Figure]] = {}
    for one in rows[["agency_code", *named]].drop_duplicates().sort_values(named).to_dict("records") if named else []:
        figure = Figure(scope=one.get("scope", "month"), indicator=one.get("indicator_code"))
        found.setdefault(_code(one["agency_code"]), []).append(figure)
    return found


def _spoiled_tables(rows: pd.DataFrame) -> dict[str | None, list[str]]:
    """Which of the facts that the check declares the rows put in doubt, by agency; none where the frame does not say."""
    found: dict[str | None, list[str]] = {}
    if "spoiled_table" in rows.columns:
        for one in (
            rows[["agency_code", "spoiled_table"]].drop_duplicates().sort_values("spoiled_table").to_dict("records")
        ):
            found.setdefault(_code(one["agency_code"]), []).append(str(one["spoiled_table"]))
    return found


def _plain(value: Any) -> str | int | float | bool | None:
    """A cell as it can stand in JSON: instants in local time, dates as dates, whole numbers without a point."""
    import pandas as pd

    if value is None or value is pd.NaT or (isinstance(value, float) and value != value) or value is pd.NA:
        return None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")
        return value.strftime("%Y-%m-%d")
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _bounds(check: Check, of_period: Mapping[str, Any]) -> dict[str, Any]:
    """What the rows of a check are compared with: the expectation's arguments, and those bounds of the period it names."""
    told = {name: [_plain(one) for one in value] if isinstance(value, list | tuple) else _plain(value)
            for name, value in check.arguments.items()}  # fmt: skip
    named = {value for value in told.values() if isinstance(value, str)}
    return told | {name: _plain(value) for name, value in of_period.items() if name in named}


def _result(check: Check, outcome: Any, rows_checked: int, **more: Any) -> CheckResult:
    return CheckResult(
        check=check.id,
        severity=check.severity,
        scope=check.scope,
        outcome=outcome,
        rows_checked=rows_checked,
        **more,
    )


def _not_evaluated(check: Check, rows_checked: int, reason: Exception | str) -> CheckResult:
    text = reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"
    # The first line only: what follows is a traceback or the SQL.
    detail = text.strip().splitlines()[0][:300] if text.strip() else "no reason given"
    return _result(check, "not_evaluated", rows_checked, detail=detail)
