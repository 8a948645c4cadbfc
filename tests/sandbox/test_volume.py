"""A province of any size: pages in a folder, its communes, and the same records over HTTP."""

from __future__ import annotations

import csv
import json
import time
from datetime import datetime
from datetime import time as of_day
from pathlib import Path

import pytest

from cchc.period import Period
from sandbox.volume import read_province, volume_province, write_records

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    out = tmp_path_factory.mktemp("volume")
    return out, write_records(out, communes=4, dossiers_per_month=240, months=3, seed=7, first_month="2024-11")


def test_the_communes_are_written_in_the_columns_of_the_agency_table(written: tuple[Path, dict[str, int]]) -> None:
    with (written[0] / "agencies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "agency_code", "valid_from", "valid_to", "name_vi", "level", "parent_code", "identity_code",
        "reports_from", "reports_to",
    ]  # fmt: skip
    assert [r["level"] for r in rows] == ["province"] + ["commune"] * 4
    assert {r["parent_code"] for r in rows[1:]} == {rows[0]["agency_code"]}
    assert {r["reports_from"] for r in rows[1:]} == {"2024-10-15"}


def test_the_pages_hold_what_is_declared(written: tuple[Path, dict[str, int]]) -> None:
    out, counted = written
    for export, folder in (("portal_dossiers", "portal/dossiers"), ("ca_signatures", "ca/signatures")):
        pages = [json.loads(p.read_bytes()) for p in sorted((out / folder).rglob("*.json"))]
        assert sum(len(p["data"]) for p in pages) == counted[export] > 0
    assert counted["portal_dossiers"] >= 4 * 60 * 3 * 0.8


def test_the_folder_is_served_again_with_equal_rows(written: tuple[Path, dict[str, int]]) -> None:
    province = read_province(written[0])
    period = Period(2024, 12)
    window = datetime.combine(period.first_date, of_day()), datetime.combine(period.end_date, of_day())
    served = province.dossiers(province.agency("90002"), *window)
    page = json.loads((written[0] / "portal/dossiers/2024-12/90002-0001.json").read_bytes())
    assert [json.loads(r) for r in served.rows] == page["data"]


def test_two_writings_are_equal_byte_for_byte(written: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    write_records(tmp_path, communes=4, dossiers_per_month=240, months=3, seed=7, first_month="2024-11")
    files = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(written[0]) for p in written[0].rglob("*") if p.is_file())
    assert all((tmp_path / f).read_bytes() == (written[0] / f).read_bytes() for f in files)


def test_a_month_carries_over_into_the_next(written: tuple[Path, dict[str, int]]) -> None:
    def codes(month: str) -> set[str]:
        page = json.loads((written[0] / f"portal/dossiers/{month}/90001-0001.json").read_bytes())
        return {row["MaHoSo"] for row in page["data"]}

    assert codes("2024-11") & codes("2024-12")


def test_ten_thousand_dossiers_take_a_second_or_two(tmp_path: Path) -> None:
    began = time.monotonic()
    counted = write_records(tmp_path, communes=20, dossiers_per_month=10_000, months=1, seed=1)
    assert counted["portal_dossiers"] > 8_000
    assert time.monotonic() - began < 8  # 100 000 take about 10 s on an idle core; room for a busy machine


def test_communes_differ_in_size_and_add_up_to_what_was_asked() -> None:
    sizes = [a.dossiers for a in volume_province(37, 5_000, 3, "2024-01").agencies]
    assert sum(sizes) == 5_000
    assert max(sizes) > 1.5 * min(sizes)


def test_a_province_of_no_communes_is_refused() -> None:
    with pytest.raises(ValueError, match="communes"):
        volume_province(0, 10, 1, "2024-01")
    with pytest.raises(ValueError, match="dossiers"):
        volume_province(3, 2, 1, "2024-01")
