"""Which period, agency and indicator the words on the command line mean; the closest names where they mean none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

import duckdb

from cchc.explain.words import LEVELS
from cchc.period import Period

_FEW = 3
_KIND_OF_AGENCY = re.compile(r"^(xa|phuong|thi tran|dac khu|huyen|quan|thi xa|thanh pho|tinh) ")


class NameUnknown(ValueError):
    """A period, agency or indicator that is not published; the message (Vietnamese) says what comes closest."""


@dataclass(frozen=True)
class Release:
    """The current revision of a published month. Dates are local, the last one counted."""

    month: date
    first_date: date
    last_date: date
    calendar: str
    revision: int
    published_at: str
    reason: str


@dataclass(frozen=True)
class Named:
    """An agency as it was on the period's last day."""

    code: str
    name: str
    level: str


def plain(text: str) -> str:
    """Small letters without diacritics, one space between words: `Xã Đại Hợp` is `xa dai hop`."""
    letters = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def release_of(connection: duckdb.DuckDBPyConnection, period: Period) -> Release:
    """Raises NameUnknown when the month is not published."""
    rows = connection.execute(
        "select period_month, first_date, last_date, reporting_calendar, revision, "
        "strftime(published_at, '%Y-%m-%dT%H:%M:%S%z'), reason "
        "from snapshots where is_current order by period_month"
    ).fetchall()
    for row in rows:
        if row[0] == period.first_of_month:
            return Release(*row)
    near = sorted(rows, key=lambda row: abs((row[0] - period.first_of_month).days))[:3]
    months = ", ".join(f"{row[0]:%Y-%m}" for row in sorted(near))
    raise NameUnknown(f"kỳ {period} chưa công bố; các kỳ đã công bố gần nhất: {months or 'chưa có kỳ nào'}")


def agency_of(connection: duckdb.DuckDBPyConnection, release: Release, word: str) -> Named:
    """A code, or a name with or without diacritics and `xã`, `huyện`, …. Raises NameUnknown.

    Agencies that have figures in the month, roll-ups too, by their names on its last day.
    """
    rows = connection.execute(
        "select distinct v.agency_code, coalesce(a.name_vi, v.agency_code), coalesce(a.level, '') "
        "from indicator_values v left join dim_agencies a on a.agency_code = v.agency_code "
        "and $last between a.valid_from and coalesce(a.valid_to, date '9999-12-31') "
        "where v.period_month = $month order by 1",
        {"month": release.month, "last": release.last_date},
    ).fetchall()
    agencies = [Named(*row) for row in rows]
    for agency in agencies:
        if agency.code == word:
            return agency
    wanted = plain(word)
    full = [agency for agency in agencies if plain(agency.name) == wanted]
    short = [agency for agency in agencies if _KIND_OF_AGENCY.sub("", plain(agency.name)) == wanted]
    found = full or short
    if len(found) == 1:
        return found[0]
    if found:
        raise NameUnknown(f"{word!r} là tên của {len(found)} đơn vị, hãy dùng mã: {_listed(found)}")
    names = {plain(agency.name): agency for agency in agencies}
    names |= {_KIND_OF_AGENCY.sub("", name): agency for name, agency in names.items()}
    names |= {agency.code: agency for agency in agencies}
    near = list(dict.fromkeys(names[name] for name in _near(wanted, names)))
    raise NameUnknown(
        f"kỳ {release.month:%Y-%m} không có đơn vị {word!r}; gần nhất: {_listed(near or agencies[:3])}"
        + _elsewhere(connection, word)
    )


def _elsewhere(connection: duckdb.DuckDBPyConnection, word: str) -> str:
    """What the list of agencies says of a name that has no figures in the month: since when, until when, who came after."""
    rows = connection.execute(
        "select agency_code, name_vi, valid_from, valid_to, reports_from, reports_to, "
        "agency_code in (select agency_code from indicator_values) as has_figures from dim_agencies order by 2, 1, 3"
    ).fetchall()
    wanted = plain(word)
    meant = [row for row in rows if row[0] == word or wanted in (plain(row[1]), _KIND_OF_AGENCY.sub("", plain(row[1])))]
    meant = [row for row in meant if row[-1]] or meant[:_FEW]
    told = []
    for code, name, starts, ends, reports_from, reports_to, _ in meant:
        verb = "báo cáo" if reports_from else "có"
        said = f"{name} ({code}) {verb} từ {max(starts, reports_from or starts):%d/%m/%Y}"
        last = min(day for day in (ends, reports_to, date.max) if day)
        said += f" đến {last:%d/%m/%Y}" if last < date.max else ""
        told.append(said + _followed(connection, code, starts))
    return f". {'; '.join(told)}" if told else ""


def _followed(connection: duckdb.DuckDBPyConnection, code: str, starts: date) -> str:
    """Who took over from an agency that ended, and when; nothing where all months were published before successions were."""
    if not connection.execute("from duckdb_tables() where table_name = 'agency_succession'").fetchall():
        return ""
    rows = connection.execute(
        "select s.event_date, s.to_code, a.name_vi from agency_succession s "
        "join dim_agencies a on s.to_code = a.agency_code and s.to_valid_from = a.valid_from "
        "where s.from_code = $1 and s.from_valid_from = $2 order by 2",
        [code, starts],
    ).fetchall()
    names = ", ".join(f"{name} ({to})" for _, to, name in rows)
    if not rows:
        return ""
    return f"; từ {rows[0][0]:%d/%m/%Y} {'là' if len(rows) == 1 else 'chia cho'} {names}"


def indicator_of(connection: duckdb.DuckDBPyConnection, release: Release, word: str) -> tuple[str, str]:
    """Code and definition version of an indicator of the month, by code or Vietnamese name. Raises NameUnknown."""
    rows = connection.execute(
        "select distinct v.indicator_code, v.definition_version, i.name_vi from indicator_values v "
        "join dim_indicators i using (indicator_code, definition_version) where v.period_month = ? order by 1",
        [release.month],
    ).fetchall()
    for code, version, name in rows:
        if word == code or plain(word) == plain(name):
            return code, version
    names = {plain(name): f"{code} ({name})" for code, _, name in rows}
    names |= {code: f"{code} ({name})" for code, _, name in rows}
    near = list(dict.fromkeys(names[one] for one in _near(plain(word), names)))
    raise NameUnknown(
        f"không có chỉ tiêu {word!r}; gần nhất: {', '.join(near) or 'xem select indicator_code, name_vi from dim_indicators'}"
    )


def _near(word: str, names: Iterable[str]) -> list[str]:
    return get_close_matches(word, list(names), n=3, cutoff=0.5)


def _listed(agencies: Sequence[Named]) -> str:
    return ", ".join(f"{a.code} {a.name} ({LEVELS.get(a.level, a.level)})" for a in agencies)
