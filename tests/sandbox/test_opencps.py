"""The province as an OpenCPS portal: the same dossiers in another spelling, paged by range, filtered by change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pytest
import requests

from cchc.period import Period
from ingest.decode import Decoder
from ingest.mapping import map_columns
from ingest.profile import SHIPPED, load_profile
from sandbox.province import Province
from sandbox.server import SECRETS, serve

HEADERS = {"Token": SECRETS["opencps_token"], "groupId": "35166"}
MARCH = {"agency": "000.22.26.H23", "fromStatisticDate": "15/02/2023", "toStatisticDate": "14/03/2023"}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def urls(province: Province) -> Iterator[dict[str, str]]:
    with serve(province) as found:
        yield found


def _get(urls: dict[str, str], path: str = "dossiers", headers: Any = HEADERS, **params: Any) -> requests.Response:
    return requests.get(f"{urls['opencps']}/o/rest/v2/{path}", params=params, headers=headers, timeout=10)


def _bounds(period: Period) -> tuple[datetime, datetime]:
    return datetime.combine(period.first_date, time()), datetime.combine(period.end_date, time())


def _rows(province: Province, code: str, period: Period, since: datetime | None = None) -> list[Row]:
    answer = province.opencps_dossiers(province.agency(code), *_bounds(period), since)
    return [json.loads(row) for row in answer.rows]


def _landed(profile: str, export: str, rows: tuple[bytes, ...], identity: str) -> pa.Table:
    found = load_profile(SHIPPED / f"{profile}.yaml").exports[export]
    body = b'{"error_code":"0","TongSo":"%d","total":%d,"data":[%s]}' % (len(rows), len(rows), b",".join(rows))
    mapped = map_columns(found, Decoder(found, profile).page(body).columns, {"MaDinhDanhDV": identity})
    assert not mapped.faults
    return mapped.table


def test_pages_by_range_cover_everything_once(urls: dict[str, str], province: Province) -> None:
    numbers: list[str] = []
    for start in range(0, 400, 37):
        body = _get(urls, **MARCH, start=start, end=start + 37).json()
        numbers += [row["dossierNo"] for row in body["data"]]
    assert len(numbers) == len(set(numbers)) == body["total"] > 100
    national = province.dossiers(province.agency("11122"), *_bounds(Period(2023, 3)))
    assert set(numbers) == {json.loads(row)["MaHoSo"] for row in national.rows}


def test_a_wrong_token_or_another_site_is_refused(urls: dict[str, str]) -> None:
    assert _get(urls, headers={"groupId": "35166"}, **MARCH).status_code == 401
    assert _get(urls, headers=HEADERS | {"Token": SECRETS["portal_token"]}, **MARCH).status_code == 401
    assert _get(urls, headers=HEADERS | {"groupId": "1"}, **MARCH).status_code == 403
    assert _get(urls, **MARCH).status_code == 200


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"agency": "000.99.99.H23"}, "000.99.99.H23"),
        ({"fromStatisticDate": "2023-02-15"}, "fromStatisticDate"),
        ({"toStatisticDate": "14/02/2023"}, "khoảng thời gian"),
        ({"modifiedFrom": "14/02/2023"}, "modifiedFrom"),
        ({"start": "5", "end": "5"}, "end"),
        ({"end": "5000"}, "end"),
    ],
)
def test_a_wrong_parameter_is_answered_with_what_is_wrong(
    urls: dict[str, str], change: dict[str, str], named: str
) -> None:
    answer = _get(urls, **MARCH | change)
    assert answer.status_code == 400
    assert named in answer.json()["message"]


def test_one_row_mixes_two_date_formats_and_says_its_status_in_a_word(province: Province) -> None:
    rows = _rows(province, "15907", Period(2023, 12))
    done = next(r for r in rows if r["dossierStatus"] == "done")
    for name in ("submitDate", "receiveDate", "modifiedDate"):
        assert datetime.strptime(done[name], "%d/%m/%Y %H:%M:%S")  # noqa: DTZ007
    for name in ("dueDate", "releaseDate", "finishDate"):
        assert datetime.strptime(done[name], "%Y%m%d%H%M%S")  # noqa: DTZ007
    assert {type(done["online"]), type(done["viaPostal"]), type(done["fromViaPostal"])} == {bool, int}


@pytest.mark.slow
def test_open_dossiers_are_in_work_here_or_elsewhere() -> None:
    words: set[str] = set()
    for day in (datetime(2023, 8, 9), datetime(2026, 5, 9)):  # noqa: DTZ001
        early = Province(today=day)
        for agency in early.agencies:
            rows = early.opencps_dossiers(agency, day - timedelta(days=1), day).rows
            words |= {json.loads(row)["dossierStatus"] for row in rows}
    assert {"receiving", "processing", "interoperating", "posting", "waiting", "releasing", "done"} <= words


SAME = (
    "dossier_code", "procedure_code", "field_code", "channel", "submitted_at", "received_at", "due_at", "finished_at",
    "returned_at", "refused_at", "withdrawn_at", "status", "return_method", "input_digitised", "result_digitised",
    "result_electronic", "fee_vnd", "paid_online", "supplements",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "period"),
    [("15907", Period(2023, 12)), ("11119", Period(2023, 5)), ("19888", Period(2020, 4)), ("11113", Period(2026, 10))],
    ids=str,
)
@pytest.mark.parametrize("early", [False, True], ids=["afterwards", "at once"])
def test_both_portals_land_the_same_facts(province: Province, code: str, period: Period, early: bool) -> None:
    asked = Province(today=_bounds(period)[1] - timedelta(days=3)) if early else province
    agency = asked.agency(code)
    window = _bounds(period)
    national = _landed("dvcqg", "portal_dossiers", asked.dossiers(agency, *window).rows, agency.identity)
    opencps = _landed("opencps", "portal_dossiers", asked.opencps_dossiers(agency, *window).rows, agency.identity)
    for name in SAME:
        assert opencps[name].to_pylist() == national[name].to_pylist(), name
    assert set(opencps["agency_code"].to_pylist()) == {agency.identity}
    assert opencps["updated_at"].null_count == 0


def test_both_portals_land_the_same_procedures(province: Province) -> None:
    agency, day = province.agency("11122"), date(2023, 9, 14)
    national = _landed("dvcqg", "portal_procedures", province.procedures(agency, day).rows, agency.identity)
    opencps = _landed("opencps", "portal_procedures", province.opencps_procedures(agency, day).rows, agency.identity)
    for name in ("procedure_code", "agency_code", "field_code", "field_name", "service_level", "is_e_certification"):
        assert opencps[name].to_pylist() == national[name].to_pylist(), name
    assert len(opencps) == 139


def test_what_was_changed_since_a_moment_is_answered_alone(urls: dict[str, str], province: Province) -> None:
    since = datetime(2023, 3, 1, 10)  # noqa: DTZ001
    changed = _get(urls, **MARCH, modifiedFrom="01/03/2023 10:00:00", end=1000).json()
    stamps = [datetime.strptime(r["modifiedDate"], "%d/%m/%Y %H:%M:%S") for r in changed["data"]]  # noqa: DTZ007
    assert min(stamps) >= since
    assert 0 < changed["total"] == len(stamps) < len(_rows(province, "11122", Period(2023, 3)))


@pytest.mark.slow
def test_what_changed_after_a_read_is_exactly_what_the_cursor_finds() -> None:
    period, first, later = Period(2023, 5), datetime(2023, 5, 12), datetime(2023, 6, 20)  # noqa: DTZ001
    asked = Province(today=first)
    before = {r["dossierNo"]: r for r in _rows(asked, "15907", period)}
    asked.today = later
    after = {r["dossierNo"]: r for r in _rows(asked, "15907", period)}
    different = {name for name, row in after.items() if row != before.get(name)}
    assert different
    assert different == {r["dossierNo"] for r in _rows(asked, "15907", period, first)}
    assert before.keys() <= after.keys()


def test_the_list_of_personal_data_holds_what_opencps_serves(province: Province) -> None:
    period = Period(2023, 3)
    listed = province.personal_data(period, period)
    names = ("applicantName", "applicantIdNo", "contactName", "contactTelNo", "contactEmail", "delegateIdNo")
    for row in _rows(province, "11122", period):
        assert {row[name] for name in names} <= listed
