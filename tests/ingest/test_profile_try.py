"""A try shows what landing would do, shows no personal data, and stores nothing."""

from __future__ import annotations

import copy
import csv
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from cchc.cli import app
from cchc.period import Period
from cchc.settings import settings
from ingest import reach
from ingest.decode import Decoder
from ingest.http.ledger import Ledger
from ingest.http.pace import Clock
from ingest.profile import SHIPPED, Export, load_profile
from ingest.series import series_of
from sandbox.files import write_files
from sandbox.province import Province
from sandbox.server import SECRETS, serve
from tests.ingest.landings import PERIOD, certificate, document

PERSONAL = (
    "Nguyễn Thị Ánh Nguyệt",
    "030190001234",
    "0912345678",
    "anhnguyet@example.vn",
    "Số 5 phố Quang Trung, Tứ Kỳ",
)
WORDS = ("Nguyễn", "Nguyệt", "30190001234", "912345678", "anhnguyet", "Quang Trung")
OVER_HTTP = [
    (path.stem, name)
    for path in sorted(SHIPPED.glob("*.yaml"))
    for name, export in load_profile(path).exports.items()
    if export.endpoint
]
MARCH = Period(2023, 3)


def run(*arguments: str, code: int | None = 0) -> str:
    settings.cache_clear()
    done = CliRunner().invoke(app, ["profile", "try", *arguments])
    assert code is None or done.exit_code == code, done.output
    return done.output


def tried(*arguments: str, code: int | None = 0) -> dict[str, Any]:
    return dict(json.loads(run(*arguments, "--json", code=code)))


@pytest.fixture(autouse=True)
def logins(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"CCHC_SECRET_{name.upper()}", value)


@pytest.fixture(autouse=True)
def _nothing_is_written(home) -> Iterator[None]:
    yield
    assert not home.home.exists() or not list(home.home.rglob("*"))


# --- personal data -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox_urls() -> Iterator[dict[str, str]]:
    with serve(Province()) as found:
        yield found


def genuine(profile_name: str, export_name: str, urls: dict[str, str]) -> dict[str, Any]:
    """The first page of the stand-in province, as it is sent."""
    profile = load_profile(SHIPPED / f"{profile_name}.yaml")
    export = Export(export_name, profile, profile.exports[export_name])
    url = urls["opencps" if profile_name == "opencps" else profile.source]
    here = settings().model_copy(update={"source_urls": {profile.source: url}})
    bodies: list[bytes] = []
    decoder = Decoder(export.map, "test")

    def decode(body: bytes):
        bodies.append(body)
        return decoder.page(body)

    with reach.client(profile, here, lambda name: SECRETS[name], Ledger(), Clock()) as client:
        next(client.pages(export.map, series_of(export, PERIOD, here)[0].params, decode))
    return dict(json.loads(bodies[0]))


def planted(row: Any) -> Iterator[Any]:
    """The row with personal data in one text after the other, and then in all of them."""
    places = list(_texts(row, ()))
    for personal in PERSONAL:
        for place in places:
            yield _with(row, [place], personal)
        yield _with(row, places, personal)


def _texts(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _texts(inner, (*path, key))


def _with(row: Any, places: list[tuple[Any, ...]], text: str) -> Any:
    changed = copy.deepcopy(row)
    for *way, last in places:
        holder = changed
        for step in way:
            holder = holder[step]
        holder[last] = text
    return changed


@pytest.mark.parametrize(("profile", "export"), OVER_HTTP)
def test_personal_data_in_any_text_of_a_source_are_not_shown(profile, export, sandbox_urls, source, monkeypatch):
    body = genuine(profile, export, sandbox_urls)
    mapping = load_profile(SHIPPED / f"{profile}.yaml").exports[export]
    fullest = max(body[mapping.rows], key=lambda row: len(json.dumps(row)))
    rows = [fullest, *planted(fullest)]
    sent = body | {mapping.rows: rows, mapping.total: len(rows)}
    source.answer = lambda path, query: (200, {}, sent)
    monkeypatch.setenv(f"CCHC_SOURCE_URLS__{load_profile(SHIPPED / f'{profile}.yaml').source.upper()}", source.url)
    found = tried(profile, "2023-01", "--export", export)
    assert found["rows"] == len(rows)
    assert found["rejected"] > 0 or export == "dms_documents"
    spoken = json.dumps(found, ensure_ascii=False) + run(profile, "2023-01", "--export", export)
    assert not [word for word in WORDS if word in spoken]


@pytest.fixture(scope="module")
def drops(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("drops")
    write_files(out, MARCH)
    return out


def aged(path: Path) -> None:
    os.utime(path, (time.time() - 3600,) * 2)


def test_personal_data_in_any_cell_of_a_csv_are_not_shown(drops, tmp_path, monkeypatch):
    text = (drops / "onestop_csv" / "ho-so_2023-03.csv").read_text(encoding="utf-8-sig")
    headings, row, *_ = csv.reader(text.splitlines(), delimiter=";")
    rows = [
        [personal if at == place else cell for at, cell in enumerate(row)]
        for personal in PERSONAL
        for place in range(1, len(row))
    ]
    end = ["Tổng cộng"] + [str(len(rows)) if heading == "Mã hồ sơ" else "" for heading in headings[1:]]
    path = tmp_path / "ho-so_2023-03.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, delimiter=";").writerows([headings, *rows, end])
    aged(path)
    monkeypatch.setenv("CCHC_SOURCE_FOLDERS__PORTAL", str(tmp_path))
    found = tried("onestop_csv", "2023-03")
    assert found["rows"] == len(rows)
    assert found["rejected"] > 0
    spoken = json.dumps(found, ensure_ascii=False) + run("onestop_csv", "2023-03")
    assert not [word for word in WORDS if word in spoken]


@pytest.mark.parametrize(
    ("profile", "source_name", "head"), [("onestop_xlsx", "PORTAL", 6), ("form_01b_xlsx", "REPORTS", 6)]
)
def test_personal_data_in_any_cell_of_a_workbook_are_not_shown(
    profile, source_name, head, drops, tmp_path, monkeypatch
):
    folder = drops / ("form_01b" if profile.startswith("form") else profile)
    first = sorted(folder.glob("*.xlsx"))[0]
    book = openpyxl.load_workbook(first)
    sheet = book[load_profile(SHIPPED / f"{profile}.yaml").exports.popitem()[1].file.sheet.name]
    for number, row in enumerate(sheet.iter_rows(min_row=head + 2, max_row=head + 8)):
        for cell in row[1:]:
            if isinstance(cell, openpyxl.cell.Cell):
                cell.value = PERSONAL[(number + cell.column) % len(PERSONAL)]
    book.save(tmp_path / first.name)
    aged(tmp_path / first.name)
    monkeypatch.setenv(f"CCHC_SOURCE_FOLDERS__{source_name}", str(tmp_path))
    agency = ["--agency", first.stem.split("_")[2]] if profile.startswith("form") else []
    found = tried(profile, "2023-03", *agency)
    assert found["rejected"] > 0
    spoken = json.dumps(found, ensure_ascii=False) + run(profile, "2023-03", *agency)
    assert not [word for word in WORDS if word in spoken]


# --- what is shown ------------------------------------------------------------------------------------------------


def test_a_try_counts_rows_as_landing_would(deployment):
    deployment([document(1), document(1), document(2, SecretLevel="2"), document(3, Direction="?"), "no row"])
    found = tried("qcvn102_dms", "2023-01")
    counts = [found[name] for name in ("rows", "accepted", "exact_duplicates", "withheld", "rejected", "declared")]
    assert counts == [5, 1, 1, 2, 1, 5]


def test_each_column_shows_where_it_comes_from_and_what_it_is_read_as(deployment):
    deployment([certificate(1, NotBefore=""), certificate(2, NotAfter="gia hạn"), certificate(3, HolderRole="XX")])
    found = tried("ca_register", "2023-01", "--export", "ca_certificates")
    columns = {column["column"]: column for column in found["columns"]}
    assert (columns["holder_type"]["example"], columns["holder_type"]["parsed"]) == ("CN", "person")
    assert (columns["valid_from"]["source"], columns["valid_from"]["parsed"]) == ("NotBefore", "2022-01-01")
    assert columns["valid_from"]["codes"] == {"required_blank": 1}
    assert [columns["valid_to"][name] for name in ("filled", "blank", "rejected")] == [2, 0, 1]
    assert [columns["revoked_at"][name] for name in ("filled", "blank", "rejected")] == [0, 3, 0]
    assert {(r["column"], r["code"], r["found"]) for r in found["rejects"]} == {
        ("valid_from", "required_blank", ""), ("valid_to", "bad_date", "aaa aaa"), ("holder_role", "not_allowed", "XX"),
    }  # fmt: skip


def test_keys_that_are_not_read_and_keys_that_are_missing_are_named(deployment):
    row = certificate(1)
    row["NotAfterDate"] = row.pop("NotAfter")
    deployment([row])
    found = tried("ca_register", "2023-01", "--export", "ca_certificates", code=1)
    assert found["missing"] == ["NotAfter (there is NotAfterDate)"]
    assert found["unmapped"] == ["Email", "HolderIdNumber", "HolderName", "NotAfterDate"]
    assert "missing, landing would fail: NotAfter (there is NotAfterDate)" in run(
        "ca_register", "2023-01", "--export", "ca_certificates", code=1
    )


def test_an_instant_is_shown_in_vietnamese_time_and_the_shown_page_fits_a_screen(deployment):
    deployment([document(1)])
    shown = run("qcvn102_dms", "2023-01")
    assert "2023-01-03 08:00:00" in shown
    table = [line for line in shown.splitlines() if not line.startswith(("keys", "columns"))]
    assert max(map(len, table)) <= 100


def test_one_page_is_asked_for_and_no_more(deployment, source):
    deployment([certificate(number) for number in range(450)])
    found = tried("ca_register", "2023-01", "--export", "ca_certificates")
    assert (found["rows"], found["declared"], found["more"]) == (200, 450, True)
    assert len(source.asked) == 1


STAFF = """\
profile: staff
source: hr
transport: files
exports:
  hr_staffing:
    entity: staffing
    file:
      name: "staff_{period:yyyy-MM}.csv"
      format: csv
      until: {says: Tổng cộng, count: Số người}
    fields:
      agency_code: {path: Đơn vị}
      date: {path: Ngày, format: dd/MM/yyyy}
      staff_total: {path: Số người}
"""


@pytest.mark.parametrize(
    ("end", "code", "says"),
    [
        ("Tổng cộng,,1\n", 0, None),
        ("Cộng,,1\n", 1, "has no row 'Tổng cộng' after 2 rows"),
        ("", 1, "has no row 'Tổng cộng' after 1 rows"),
        ("Tổng cộng,,7\n", 1, "declares 7 rows in row 3, 1 were read"),
    ],
)
def test_the_end_of_a_file_is_judged_as_landing_does(tmp_path, monkeypatch, end, code, says):
    (tmp_path / "staff.yaml").write_text(STAFF, encoding="utf-8")
    file = tmp_path / "staff_2023-01.csv"
    file.write_text(f"Đơn vị,Ngày,Số người\n000.19.26.H23,01/01/2023,20\n{end}", encoding="utf-8")
    aged(file)
    monkeypatch.setenv("CCHC_SOURCE_FOLDERS__HR", str(tmp_path))
    found = tried(str(tmp_path / "staff.yaml"), "2023-01", code=code)
    assert found["accepted"] == 1
    assert says in found["refused"] if says else found["refused"] is None and found["rows"] == 1
    shown = " ".join(run(str(tmp_path / "staff.yaml"), "2023-01", code=code).split())
    assert ("landing would fail: hr_staffing 2023-01" in shown) == bool(says)


def test_what_was_expected_is_said_in_words(deployment):
    deployment([certificate(1, SerialNumber="nào đó")])
    found = tried("ca_register", "2023-01", "--export", "ca_certificates")
    assert [r["expected"] for r in found["rejects"] if r["column"] == "serial"] == [
        "a certificate's serial of 8 to 40 signs 0–9 and A–F, with a letter, such as 54A0000000000001"
    ]


def test_an_agency_can_be_chosen_by_its_code_or_identity_code(deployment, source):
    deployment([])
    source.answer = lambda path, query: (200, {}, {"error_code": "0", "TongSo": 0, "data": []})
    for code in ("000.22.26.H23", "H23.26.22"):
        assert tried("dvcqg", "2023-01", "--export", "portal_dossiers", "--agency", code)["agency"] == "11122"
    assert "no rows" in run("dvcqg", "2023-01", "--export", "portal_dossiers", "--agency", "11122")
    assert source.asked[-1][1]["MaDinhDanhDV"] == "000.22.26.H23"
    assert "does not report in 2023-01" in run(
        "dvcqg", "2023-01", "--export", "portal_dossiers", "--agency", "1", code=2
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ca_register", "2023-01"], "give --export, one of ca_certificates, ca_signatures"),
        (["ca_register", "2023-01", "--export", "ca_certificate"], "did you mean ca_certificates?"),
        (["qcvn102_dms", "2023-01", "--agency", "11122"], "asked for as a whole"),
        (["qcvn102_dms", "2023-13"], "is not a month"),
    ],
)
def test_what_cannot_be_tried_is_said(deployment, arguments, says):
    assert says in run(*arguments, code=2)


def test_a_source_that_does_not_answer_ends_with_3_and_stores_no_receipt(deployment, source):
    deployment([])
    source.answer = lambda path, query: (403, {}, {})
    run("qcvn102_dms", "2023-01", code=3)
