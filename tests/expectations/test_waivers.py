"""A waiver is asked for by one person and approved by another, holds for some working days, and covers what it names."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cchc.cli import app
from cchc.settings import PROJECT, Settings
from cchc.working_calendar import add_working_days
from expectations.verdicts import AgencyRows, AppliedWaiver, CheckResult
from expectations.waiver_requests import ask
from expectations.waivers import (
    Waiver,
    WaiverBroken,
    WaiverRefused,
    account,
    approve,
    expiry,
    live_waivers,
    revoke,
    waivers,
)
from tests.expectations.conftest import PERIOD
from tests.expectations.publishable import FINISHED, MONTH, REJECTS

# Monday, 17 April 2023, 10:00 in Hà Nội.
MONDAY = datetime(2023, 4, 17, 3, tzinfo=UTC)
GOOD = {
    "agency": "11122",
    "rows_at_most": 3,
    "reason": "hồ sơ chuyển từ phần mềm cũ, đã đối chiếu sổ giấy",
    "ground": "Công văn 1234/UBND-KSTT ngày 12/03/2023",
    "requested_by": "lan.pham",
    "through": "test",
    "at": MONDAY,
}


def asked(settings: Settings, check: str = FINISHED, **changed: object) -> Waiver:
    return ask(PERIOD, settings, check, **(GOOD | changed))  # type: ignore[arg-type]


def failed(*agencies: tuple[str | None, int], check: str = FINISHED, scope: str = "cell") -> CheckResult:
    return CheckResult(
        check=check,
        severity="critical",
        scope=scope,  # type: ignore[arg-type]
        outcome="failed",
        rows_checked=99,
        failed_rows=sum(rows for _, rows in agencies),
        by_agency=[AgencyRows(agency_code=code, rows=rows) for code, rows in agencies],
    )


def with_waivers(result: CheckResult, *given: Waiver) -> CheckResult:
    found = [waiver.applied_to(result) for waiver in given]
    return result.model_copy(update={"waivers": [one for one in found if one]})


def records(settings: Settings) -> Path:
    return settings.audit / "waivers"


def test_a_request_is_open_until_another_person_approves_it_and_live_until_it_expires(configured: Settings):
    waiver = asked(configured)
    assert waiver.state(MONDAY) == "open"
    assert live_waivers(configured, MONTH, MONDAY) == []

    approved = approve(configured, waiver.id, "minh.vo", "test", MONDAY)

    assert live_waivers(configured, MONTH, MONDAY) == [approved]
    assert live_waivers(configured, "2023-05", MONDAY) == []
    last = waiver.request.expires_at
    assert approved.state(last - timedelta(microseconds=1)) == "live"
    assert approved.state(last) == "expired"
    assert revoke(configured, waiver.id, "lan.pham", "test", MONDAY).state(MONDAY) == "revoked"


@pytest.mark.parametrize("name", ["lan.pham", " LAN.PHAM ", "Lan.Phạm", "lan.ph\N{LATIN SMALL LETTER A}\u0323m"])
def test_nobody_approves_their_own_request_however_they_write_themselves(configured: Settings, name: str):
    waiver = asked(configured, requested_by="Lan.Phạm")
    with pytest.raises(WaiverRefused, match="another person"):
        approve(configured, waiver.id, name, "test", MONDAY)
    assert waivers(configured)[0].state(MONDAY) == "open"


@pytest.mark.parametrize("name", ["Phạm Thị Lan", "", "l", "lan@example.vn", "lаn.pham", "../lan"])
def test_people_are_named_by_their_accounts(name: str):
    # One of them has a Cyrillic а, which looks like the Latin one and is another letter.
    with pytest.raises(WaiverRefused, match="is no account"):
        account(name)


@pytest.mark.parametrize(
    ("check", "changed", "says"),
    [
        ("fct_dossiers.finished_before", {}, "did you mean .*fct_dossiers.finished_not_before_received"),
        ("exports.not_far_fewer_rows", {"agency": "all"}, "is a warning"),
        (FINISHED, {"agency": "all"}, "single agencies"),
        (FINISHED, {"agency": "Xã Đại Hợp"}, "is no code"),
        (FINISHED, {"rows_at_most": 0}, "rows at most is 0"),
        (FINISHED, {"working_days": 21}, "1 to 20 working days, not 21"),
        (FINISHED, {"working_days": 0}, "1 to 20 working days, not 0"),
        (FINISHED, {"reason": "  vội    "}, "reason has 3 characters"),
        (FINISHED, {"ground": ""}, "ground has 0 characters"),
        (FINISHED, {"reason": "người dân số 001203004567 đã xác nhận"}, "reason seems to hold the number"),
        (FINISHED, {"reason": "người dân số 001 203 004 567 đã xác nhận"}, "reason seems to hold the number"),
        (FINISHED, {"reason": "người dân số ００１２０３００４５６７ đã xác nhận"}, "reason seems to hold the number"),
        (FINISHED, {"reason": "đã gọi (0912) 345.678 để xác nhận"}, "reason seems to hold the number"),
        (FINISHED, {"reason": "đã gọi +84 912 345 678 để xác nhận"}, "reason seems to hold the number"),
        (FINISHED, {"ground": "hộ chiếu C1234567 của người nộp"}, "ground seems to hold a passport"),
        (FINISHED, {"ground": "thư của lan@haiduong.gov.vn gửi Sở"}, "ground seems to hold an e-mail"),
    ],
)
def test_a_request_that_says_too_little_or_too_much_is_refused(
    configured: Settings, check: str, changed: dict[str, object], says: str
):
    with pytest.raises(WaiverRefused, match=says):
        asked(configured, check, **changed)
    assert not records(configured).exists()


@pytest.mark.parametrize(
    "reason",
    [
        "hồ sơ 000.19.26.H23-230115-0001 và H23.19-230115-000123 nhập trùng",
        "từ 15/03/2023 đến 14/04/2023 phần mềm ngừng hoạt động",
        "phần mềm dừng 2023-03-15 2023-03-16, theo Quyết định 766/QĐ-TTg",
    ],
)
def test_dates_decrees_and_codes_of_dossiers_are_no_personal_data(configured: Settings, reason: str):
    assert asked(configured, reason=reason).request.reason == reason


def test_all_agencies_may_be_named_for_a_check_of_the_whole_period(configured: Settings):
    waiver = approve(configured, asked(configured, REJECTS, agency="all").id, "minh.vo", "test", MONDAY)

    assert with_waivers(failed((None, 3), check=REJECTS, scope="period"), waiver).is_waived
    assert not with_waivers(failed((None, 2), ("11122", 2), check=REJECTS, scope="period"), waiver).is_waived


@pytest.mark.parametrize(
    ("found", "waived"),
    [
        ([("11122", 1)], True),
        ([("11122", 3)], True),
        ([("11122", 4)], False),
        ([("11122", 3), ("11119", 1)], False),
        ([("11122", 3), (None, 1)], False),
        ([("11119", 1)], False),
        ([(None, 1)], False),
    ],
)
def test_a_waiver_covers_so_many_rows_of_its_agency_and_nothing_beside_them(
    configured: Settings, found: list[tuple[str | None, int]], waived: bool
):
    waiver = approve(configured, asked(configured).id, "minh.vo", "test", MONDAY)
    result = with_waivers(failed(*found), waiver)
    assert (result.is_waived, result.blocks) == (waived, not waived)


def test_each_failing_agency_needs_a_waiver_and_two_of_one_agency_do_not_add_up(configured: Settings):
    given = [
        approve(configured, asked(configured, agency=agency).id, "minh.vo", "test", MONDAY)
        for agency in ("11122", "11122", "11119")
    ]
    assert with_waivers(failed(("11122", 3), ("11119", 3)), *given).is_waived
    assert with_waivers(failed(("11122", 6)), *given).blocks


def test_a_result_whose_agencies_do_not_add_up_is_never_waived():
    applied = AppliedWaiver(
        waiver="W0001", agency="11122", rows=1, rows_at_most=9, reason="r", ground="g", requested_by="a",
        approved_by="b", approved_through="t", expires_at=MONDAY, seal="0",
    )  # fmt: skip
    whole = failed(("11122", 1)).model_copy(update={"waivers": [applied]})
    assert whole.is_waived
    assert whole.model_copy(update={"failed_rows": 5}).blocks
    assert whole.model_copy(update={"by_agency": []}).blocks
    assert whole.model_copy(update={"outcome": "not_evaluated"}).blocks


def test_an_approval_comes_once_and_in_time_and_a_revoked_waiver_stays_so(configured: Settings):
    waiver = asked(configured)
    with pytest.raises(WaiverRefused, match="expired"):
        approve(configured, waiver.id, "minh.vo", "test", waiver.request.expires_at)
    approve(configured, waiver.id, "minh.vo", "test", MONDAY)
    with pytest.raises(WaiverRefused, match="is live"):
        approve(configured, waiver.id, "an.le", "test", MONDAY)
    revoke(configured, waiver.id, "an.le", "test", MONDAY)
    for step in (approve, revoke):
        with pytest.raises(WaiverRefused, match="is revoked"):
            step(configured, waiver.id, "minh.vo", "test", MONDAY)
    with pytest.raises(WaiverRefused, match="there is no waiver W0009"):
        approve(configured, "W0009", "minh.vo", "test", MONDAY)


def drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / name
        path.chmod(0o644)
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return change


@pytest.mark.parametrize(
    "damage",
    [
        drop("0001.json"),
        drop("0002.json"),
        drop("0003.json"),
        drop("head.json"),
        rewrite("0001.json", '"rows_at_most": 3', '"rows_at_most": 30'),
        rewrite("0002.json", '"minh.vo"', '"an.le"'),
        rewrite("0003.json", '"revocation"', '"approval"'),
        rewrite("0002.json", '"seal": "', '"seal": "0'),
        rewrite("head.json", '"number": 3', '"number": 4'),
        rewrite("0001.json", "{", "("),
    ],
)
def test_a_record_that_was_edited_or_removed_is_found(configured: Settings, damage: Callable[[Path], None]):
    waiver = asked(configured)
    approve(configured, waiver.id, "minh.vo", "test", MONDAY)
    revoke(configured, waiver.id, "an.le", "test", MONDAY)

    damage(records(configured))

    with pytest.raises(WaiverBroken):
        waivers(configured)
    with pytest.raises(WaiverBroken):
        asked(configured)


def test_records_are_read_only_files_and_one_that_a_kill_left_before_the_head_counts(configured: Settings):
    waiver = asked(configured)
    head = (records(configured) / "head.json").read_text()
    approve(configured, waiver.id, "minh.vo", "test", MONDAY)
    (records(configured) / "head.json").write_text(head)
    (records(configured) / ".writing-left").write_text("{")

    assert waivers(configured)[0].state(MONDAY) == "live"
    assert {path.stat().st_mode & 0o777 for path in records(configured).glob("0*.json")} == {0o444}
    assert revoke(configured, waiver.id, "an.le", "test", MONDAY).state(MONDAY) == "revoked"
    assert json.loads((records(configured) / "head.json").read_text())["number"] == 3


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        (date(2023, 5, 8), 1, date(2023, 5, 9)),  # Monday
        (date(2023, 5, 8), 5, date(2023, 5, 15)),
        (date(2023, 5, 12), 1, date(2023, 5, 15)),  # over a weekend
        (date(2023, 5, 13), 1, date(2023, 5, 15)),
    ],
)
def test_working_days_leave_weekends_out(configured: Settings, start: date, count: int, last: date):
    assert add_working_days(start, count, configured) == last


def test_working_days_follow_the_seeds_of_holidays_and_swapped_days(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "holidays.csv").write_text("date,name_vi,legal_ground\n2023-05-01,Quốc tế Lao động,x\n")
    (tmp_path / "seeds" / "swapped_days.csv").write_text(
        "agency_code,date,is_working,name_vi,legal_act\n,2023-05-02,false,Nghỉ bù,x\n,2023-05-06,true,Làm bù,x\n"
        "11122,2023-05-03,false,Nghỉ riêng,x\n"
    )
    (tmp_path / "seeds" / "agencies.csv").write_bytes((PROJECT / "dbt_project" / "seeds" / "agencies.csv").read_bytes())
    monkeypatch.setattr(Settings, "dbt_project", property(lambda _: tmp_path))
    # Friday; then a weekend, a holiday, a day off, three working days of the week and the Saturday.
    assert [add_working_days(date(2023, 4, 28), n, configured).day for n in (1, 2, 3, 4, 5)] == [3, 4, 5, 6, 8]


def test_a_waiver_holds_to_the_end_of_its_last_working_day_in_viet_nam(configured: Settings):
    monday_evening = datetime(2023, 5, 8, 16, 59, tzinfo=UTC)  # 23:59 in Hà Nội
    assert expiry(monday_evening, 5, configured) == datetime(2023, 5, 15, 17, tzinfo=UTC)
    assert expiry(monday_evening + timedelta(minutes=1), 5, configured) == datetime(2023, 5, 16, 17, tzinfo=UTC)


def test_the_command_line_asks_approves_lists_and_revokes(home: Settings):
    def cchc(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, list(arguments))
        return result.exit_code, result.output

    words = ["--period", MONTH, "--agency", "11122", "--rows-at-most", "3", "--requested-by", "lan.pham", "--reason",
             GOOD["reason"], "--ground", GOOD["ground"]]  # fmt: skip
    code, said = cchc("waive", FINISHED, *words)
    assert (code, "W0001 waits for approval" in said, "cchc waive approve W0001" in said) == (0, True, True)
    assert cchc("waive", "fct_dossiers.nothing", *words)[0] == 2
    code, said = cchc("waive", "approve", "W0001", "--approved-by", "lan.pham")
    assert (code, "another person" in said) == (2, True)
    assert cchc("waive", "approve", "W0001", "--approved-by", "minh.vo")[0] == 0
    code, said = cchc("waive", "list", MONTH, "--json")
    row = json.loads(said)
    assert (code, row["state"], row["requested_by"], row["approved_by"]) == (0, "live", "lan.pham", "minh.vo")
    assert row["approved_through"].startswith("command line, system user ")
    code, said = cchc("status", MONTH)
    assert (code, "W0001" in said) == (0, True)
    assert cchc("waive", "revoke", "W0001", "--revoked-by", "an.le")[0] == 0
    assert "revoked" in cchc("waive", "list")[1]
    (home.audit / "waivers" / "0002.json").unlink()
    assert cchc("waive", "list")[0] == 1
