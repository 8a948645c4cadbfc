"""Why a figure is not stated: what is missing, where, and which command shows more. In Vietnamese."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from cchc.explain.naming import Named, Release
from cchc.explain.reporting import REPORTING
from cchc.explain.words import STATES
from cchc.period import Period

_CARRY_OVER = "fct_dossiers.carried_over_equals_pending_before"


@dataclass(frozen=True)
class Commune:
    """A reporting agency: its code and first day are its key."""

    code: str
    name: str
    valid_from: date


def reasons_of(
    connection: duckdb.DuckDBPyConnection, period: Period, release: Release, state: str, scope: str,
    definition: dict[str, Any], named: Named, communes: Sequence[Commune],
) -> list[str]:  # fmt: skip
    """Sentences for a state other than `ok`, none for `ok`."""
    code = definition["indicator_code"]
    if state == "not_applicable":
        return [f"Trong kỳ không phát sinh: {definition['denominator_words']} bằng 0."]
    if state == "not_measured":
        return list(_not_measured(period, definition))
    if state == "withheld":
        return [*_failed_checks(connection, release, scope, code, named), f"Xem thêm: cchc status {period}"]
    if state != "incomplete":
        return []
    found = list(_unmeasured(connection, release, scope, code, communes))
    if scope == "ytd":
        found += _year(connection, period, release, named, communes)
    return [*found, f"Xem thêm: cchc status {period}"]


def _not_measured(period: Period, definition: dict[str, Any]) -> Iterator[str]:
    yield f"Chỉ tiêu cần nguồn số liệu: {', '.join(definition['sources'].split())}; ít nhất một nguồn chưa được kết nối."
    if definition["denominator_fact"] == "staffing":
        yield "Mẫu số cần số cán bộ, công chức của đơn vị; chưa có số nào đến ngày cuối kỳ."
    yield (
        f"Xem thêm: cchc status {period}; "
        f"cchc query \"select * from source_health where period_month = '{period.first_of_month}'\""
    )


def _unmeasured(
    connection: duckdb.DuckDBPyConnection, release: Release, scope: str, code: str, communes: Sequence[Commune]
) -> Iterator[str]:
    names = {commune.code: commune.name for commune in communes}
    for agency, state in connection.execute(
        "select agency_code, state from indicator_values where period_month = ? and scope = ? and indicator_code = ? "
        "and state not in ('ok', 'not_applicable') and list_contains(?, agency_code) order by 1",
        [release.month, scope, code, list(names)],
    ).fetchall():
        yield f"{names[agency]} ({agency}): {STATES.get(state, state)}."
    for agency, month, state in connection.execute(
        "select agency_code, strftime(period_month, '%Y-%m'), state from indicator_values where scope = 'month' "
        "and indicator_code = ? and state not in ('ok', 'not_applicable') and list_contains(?, agency_code) "
        "and period_month < ? and year(period_month) = year(?) order by 2, 1",
        [code, list(names), release.month if scope == "ytd" else date.min, release.month],
    ).fetchall():
        yield f"{names[agency]} ({agency}), kỳ {month}: {STATES.get(state, state)}."


def _year(
    connection: duckdb.DuckDBPyConnection, period: Period, release: Release, named: Named, communes: Sequence[Commune]
) -> Iterator[str]:
    published = connection.execute(
        "select period_month from snapshots where is_current and period_month <= ? and year(period_month) = year(?)",
        [release.month, release.month],
    ).fetchall()
    known = {month for (month,) in published}
    missing = [str(month) for month in period.earlier_in_year() if month.first_of_month not in known]
    if missing:
        yield f"Các kỳ trong năm chưa công bố: {', '.join(missing)}. Chạy cchc close {' '.join([*missing, str(period)])}."
    for month, keys in connection.execute(
        "select strftime(q.period_month, '%Y-%m'), q.sample_keys from quality_results q join snapshots s "
        "on s.period_month = q.period_month and s.verdict_run = q.run and s.is_current "
        "where q.check_id = ? and q.outcome = 'failed' and list_has_any(q.agency_codes, ?) "
        "and q.period_month <= ? and year(q.period_month) = year(?) order by 1",
        [_CARRY_OVER, [commune.code for commune in communes], release.month, release.month],
    ).fetchall():
        yield (
            f"Kỳ {month}: hồ sơ chuyển từ kỳ trước không khớp với hồ sơ đang giải quyết cuối kỳ trước "
            f"(ví dụ {', '.join(keys[:3])}). Kỳ trước cần được chốt và công bố lại."
        )
    yield from _ceased(connection, release, named, communes)


def _ceased(
    connection: duckdb.DuckDBPyConnection, release: Release, named: Named, communes: Sequence[Commune]
) -> Iterator[str]:
    """Communes below the agency that reported earlier in the year and do so no longer."""
    rows = connection.execute(
        f"""
        with {REPORTING}
        select distinct c.agency_code, c.name_vi, c.valid_from
        from reporting c
        left join dim_agencies p on p.agency_code = c.parent_code
            and c.last_date between p.valid_from and coalesce(p.valid_to, date '9999-12-31')
        where c.period_month < $month and year(c.period_month) = year($month) and $code in (c.parent_code, p.parent_code)
        order by 1
        """,
        {"month": release.month, "code": named.code},
    ).fetchall()
    now = {(commune.code, commune.valid_from) for commune in communes}
    for code, name, since in rows:
        if (code, since) not in now:
            yield f"{name} ({code}) báo cáo đầu năm nhưng không còn báo cáo ở kỳ này."


def _failed_checks(
    connection: duckdb.DuckDBPyConnection, release: Release, scope: str, code: str, named: Named
) -> Iterator[str]:
    """The checks because of which a figure is withheld, with rows and what to do."""
    from expectations.suites import all_checks

    checks = {check.id: check for check in all_checks()}
    for check_id, rows, keys in connection.execute(
        "select q.check_id, q.failed_rows, q.sample_keys from withheld_cells w "
        "join snapshots s on s.period_month = w.period_month and s.revision = w.revision and s.is_current "
        "join quality_results q on q.period_month = w.period_month and q.run = s.verdict_run "
        "and list_contains(w.checks, q.check_id) "
        "where w.period_month = ? and w.scope = ? and w.agency_code = ? and w.indicator_code = ? order by 1",
        [release.month, scope, named.code, code],
    ).fetchall():
        check = checks.get(check_id)
        yield f"{check.message_vi if check else check_id} ({check_id}): {rows} hàng, ví dụ {', '.join(keys[:3])}."
        if check:
            yield f"Việc cần làm: {check.action_vi.replace('<kỳ>', f'{release.month:%Y-%m}')}"
