"""The clock statement of one dossier, read from the analysts' file: what a published month says of it, and why."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from cchc.period import LOCAL, Period
from cchc.settings import Settings

Row = dict[str, Any]
_GROUNDS = Path(__file__).with_name("legal_grounds.csv")
_NEEDED = {"pauses", "working_seconds_used", "clock_due_at", "timeliness_reason"}


class NoSuchDossier(LookupError):
    """No published month has the dossier, or not the one asked for; the message says what to do."""


def clock_statement(code: str, period: Period | None, settings: Settings) -> Row:
    """The dossier as its newest published month has it, or `period`'s. Instants are local, working time is in seconds.

    Raises NoSuchDossier, also when nothing is published or what is published knows no clock.
    """
    if not settings.analysts_file.exists():
        raise NoSuchDossier(f"nothing is published yet at {settings.analysts_file}: cchc close PERIOD")
    with duckdb.connect(str(settings.analysts_file), read_only=True) as connection:
        dossier = _dossier(connection, code, period)
        (snapshot,) = _rows(
            connection,
            "select revision, published_at, last_date from snapshots where is_current and period_month = $1",
            [dossier["period_month"]],
        )
        period_ends = datetime.combine(snapshot["last_date"] + timedelta(days=1), time(), LOCAL)
        until = dossier["ended_at"] or period_ends
        days = _days(connection, dossier, until)
        fields = _rows(
            connection,
            "select field_name from dim_procedures where agency_code = $1 and procedure_code = $2 and field_name is not null",
            [dossier["agency_code"], dossier["procedure_code"]],
        )
        name = _name(connection, dossier["agency_code"], dossier["received_date"])
        answering = _name(connection, dossier["reporting_agency_code"], snapshot["last_date"])
    return {
        **dossier,
        **snapshot,
        "agency_name": name,
        "reporting_agency_name": answering,
        "field_name": fields[0]["field_name"] if fields else None,
        "until_at": until,
        "pauses": [_pause(pause, until, days) for pause in dossier["pauses"]],
        "hours": _hours(days),
        "special_days": [
            {name: day[name] for name in ("calendar_date", "day_kind", "name_vi", "legal_ground")}
            for day in days
            if day["day_kind"] in ("holiday", "swapped_off", "swapped_on")
        ],
        "grounds": _grounds(dossier, until),
    }


def _dossier(connection: duckdb.DuckDBPyConnection, code: str, period: Period | None) -> Row:
    columns = {row["column_name"] for row in _rows(connection, "describe fct_dossiers", [])}
    tables = {row["name"] for row in _rows(connection, "show tables", [])}
    if not columns >= _NEEDED or "dim_working_days" not in tables:
        raise NoSuchDossier("what is published was built before dossiers had a clock: cchc close PERIOD again")
    found = _rows(connection, "from fct_dossiers where dossier_code = $1 order by period_month", [code])
    if not found:
        alike = _rows(
            connection,
            "select distinct dossier_code from fct_dossiers where upper(dossier_code) = upper(trim($1))",
            [code],
        )
        hint = f": did you mean {alike[0]['dossier_code']}?" if alike else "."
        raise NoSuchDossier(
            f"no published month has dossier {code}{hint} Look whether it was landed and why it does not count "
            "(cchc status, cchc rejects list PERIOD), or close the month in which it was received: cchc close PERIOD"
        )
    months = {f"{row['period_month']:%Y-%m}": row for row in found}
    if period is None:
        chosen = found[-1]
    elif str(period) in months:
        chosen = months[str(period)]
    else:
        raise NoSuchDossier(
            f"{period} has no dossier {code} in what is published; these months have: {', '.join(months)}"
        )
    if chosen["pauses"] is None:
        month = f"{chosen['period_month']:%Y-%m}"
        raise NoSuchDossier(f"{month} was published before dossiers had a clock: cchc close {month} --reason …")
    return chosen


def _name(connection: duckdb.DuckDBPyConnection, code: str | None, day: date) -> str:
    """Whom a code meant on a day; empty when nobody."""
    (agency,) = _rows(
        connection,
        "select coalesce(max(name_vi), '') as name_vi from dim_agencies "
        "where agency_code = $1 and $2 between valid_from and coalesce(valid_to, $2)",
        [code, day],
    )
    return str(agency["name_vi"])


def _days(connection: duckdb.DuckDBPyConnection, dossier: Row, until: datetime) -> list[Row]:
    """The days of the agency's calendar from the reception to the last instant that the statement speaks of."""
    last = max([until - timedelta(seconds=1), *(dossier[name] for name in ("due_at", "clock_due_at") if dossier[name])])
    found: list[Row] = []
    for schedule in (dossier["agency_code"], "common"):
        found = found or _rows(
            connection,
            "from dim_working_days where schedule_code = $1 and calendar_date between $2 and $3 order by calendar_date",
            [schedule, dossier["received_date"], last.date()],
        )
    return found


def _pause(pause: Row, until: datetime, days: list[Row]) -> Row:
    start, end = pause["from_at"].astimezone(LOCAL), pause["to_at"]
    seconds = working_seconds(start, end or until, days)
    return {
        "kind": pause["kind"], "from_at": start, "to_at": end.astimezone(LOCAL) if end else None,
        "working_seconds": seconds, "ground": _ground(pause["kind"], start.date()),
    }  # fmt: skip


def working_seconds(start: datetime, end: datetime, days: list[Row]) -> int:
    """Working time between two instants, over rows of dim_working_days that hold their days."""
    total = 0
    for day in days:
        for half in ("morning", "afternoon"):
            opens, closes = day[f"{half}_opens_at"], day[f"{half}_closes_at"]
            if opens and (first := max(opens, start)) < (last := min(closes, end)):
                total += int(last.timestamp()) - int(first.timestamp())
    return total


def _hours(days: list[Row]) -> list[Row]:
    """The office hours kept on those days, each with the weekdays (1 is Monday) on which they were."""
    found: dict[str, set[int]] = {}
    for day in days:
        if day["is_working"] and day["day_kind"] == "working_day":
            halves = [
                f"{day[f'{half}_opens_at']:%H:%M}–{day[f'{half}_closes_at']:%H:%M}"
                for half in ("morning", "afternoon")
                if day[f"{half}_opens_at"]
            ]
            found.setdefault(", ".join(halves), set()).add(day["calendar_date"].isoweekday())
    return [{"hours": hours, "weekdays": sorted(weekdays)} for hours, weekdays in found.items()]


def _grounds(dossier: Row, until: datetime) -> dict[str, str]:
    """The legal ground of the reception, of the end, and of the apology when it came late."""
    ending = {"resolved": "finished", "refused": "refused", "withdrawn": "withdrawn"}.get(dossier["state"])
    steps = {"received": dossier["received_date"]}
    if ending:
        steps[ending] = until.astimezone(LOCAL).date()
    if dossier["timeliness"] == "late" or dossier["is_pending_overdue"]:
        steps["late"] = dossier["due_date"]
    return {step: _ground(step, day) for step, day in steps.items()}


def _ground(step: str, day: date) -> str:
    with _GROUNDS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["step"] == step]
    held = [row for row in rows if row["valid_from"] <= day.isoformat() <= (row["valid_to"] or "9999")]
    return (held or rows)[0]["ground_vi"]


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: list[Any]) -> list[Row]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description or ()]
    return [
        {
            name: cell.astimezone(LOCAL) if isinstance(cell, datetime) and cell.tzinfo else cell
            for name, cell in zip(names, row, strict=True)
        }
        for row in cursor.fetchall()
    ]
