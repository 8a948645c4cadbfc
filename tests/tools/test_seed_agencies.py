"""The shipped tables of agencies are what tools/seed_agencies.py makes of the package's data and the reviewed rows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cchc.agencies import Agency, Succession, read_agencies, read_successions
from tools.seed_agencies import SEEDS, Contradiction, seeds, texts
from tools.vietnamadminunits_data import Country, Unit, country

OLD, NEW = date(2004, 7, 8), date(2025, 7, 1)
ALL = Decimal(1)


def small() -> Country:
    """A province of two districts; A and B become one commune, C is divided, D goes on, the island is a district alone."""
    old = [
        Unit("p", "10", "Tỉnh P", "province", ""),
        Unit("p_d_", "101", "Huyện D", "district", "10"),
        Unit("p_i_", "102", "Huyện I", "district", "10"),
        *(Unit(f"p_d_{c.lower()}", f"1000{n}", f"Xã {c}", "commune", "101") for n, c in enumerate("ABCD", 1)),
    ]
    new = [
        Unit("q", "10", "Tỉnh P", "province", ""),
        Unit("q_ab", "10001", "Xã AB", "commune", "10"),
        Unit("q_d", "10004", "Xã D", "commune", "10"),
        Unit("q_c", "10003", "Xã C", "commune", "10"),
        Unit("q_i", "10009", "Đặc khu I", "commune", "10"),
    ]
    became = {
        "p": ["q"], "p_d_a": ["q_ab"], "p_d_b": ["q_ab"], "p_d_c": ["q_c", "q_ab"], "p_d_d": ["q_d"], "p_i_": ["q_i"],
    }  # fmt: skip
    return Country({u.key: u for u in old}, {u.key: u for u in new}, became)


def agency(code: str, starts: date, ends: date | None, name: str, level: str = "commune", above: str = "101") -> Agency:
    return Agency(code, starts, ends, name, level, above, "", None, None)


def test_the_committed_seeds_are_what_the_script_makes():
    for name, text in texts().items():
        assert (SEEDS / name).read_text(encoding="utf-8") == text, f"{name}: run python -m tools.seed_agencies"


def test_the_whole_country_is_there_on_both_days():
    agencies, successions = read_agencies(SEEDS / "agencies.csv"), read_successions(SEEDS / "agency_successions.csv")

    def valid(day: date, level: str) -> dict[str, Agency]:
        return {a.agency_code: a for a in agencies if a.level == level and a.valid_on(day)}

    before, after = date(2025, 6, 30), NEW
    assert [len(valid(before, level)) for level in ("province", "district", "commune")] == [63, 696, 10_035]
    assert [len(valid(after, level)) for level in ("province", "district", "commune")] == [34, 0, 3_321]
    held, holds = valid(before, "commune"), valid(after, "commune")
    used_again = set(held) & set(holds)
    assert len(used_again) == 3_316
    assert sum(held[code].name_vi != holds[code].name_vi for code in used_again) == 2_145
    # From communes and from the five districts that were islands without communes.
    units = [s for s in successions if s.event_date == NEW and len(s.to_code) == 5]
    assert len(units) == 10_602
    split = [s for s in units if s.kind == "split"]
    assert (len(split), len({s.predecessor for s in split}), {s.weight for s in split}) == (1_033, 471, {None})
    assert {s.weight for s in units if s.kind != "split"} == {ALL}
    assert {len(s.from_code) for s in units if s.kind == "recode"} == {3}


def test_the_five_communes_of_the_reports_have_their_history():
    successions = {s.predecessor: s for s in read_successions(SEEDS / "agency_successions.csv")}

    def path(code: str) -> list[str]:
        found, key = [code], (code, OLD)
        while key in successions:
            key = successions[key].successor
            found.append(key[0])
        return found

    assert path("11122") == ["11122", "11122", "11113"]
    assert path("11119") == ["11119", "11113"]
    assert path("11137") == ["11137", "11140", "11140"]
    assert path("15907") == ["15907", "15910"]
    assert path("19888") == ["19888", "19867"]


def test_dong_nai_is_a_city_with_ten_more_wards_from_30_april_2026():
    day = date(2026, 4, 30)
    agencies, successions = read_agencies(SEEDS / "agencies.csv"), read_successions(SEEDS / "agency_successions.csv")
    before, after = ({a.agency_code: a for a in agencies if a.valid_on(d)} for d in (date(2026, 4, 29), day))
    assert before.keys() == after.keys()
    changed = {code: (before[code].name_vi, after[code].name_vi) for code in after if before[code] != after[code]}
    assert changed.pop("75") == ("Tỉnh Đồng Nai", "Thành phố Đồng Nai")
    assert {after[code].parent_code for code in changed} == {"75"}
    assert {name.replace("Xã ", "Phường ") for name, _ in changed.values()} == {name for _, name in changed.values()}
    assert len(changed) == 10
    renamed = [s for s in successions if s.event_date == day]
    assert {s.from_code for s in renamed} == {"75", *changed}
    assert {(s.from_code == s.to_code, s.kind, s.weight) for s in renamed} == {(True, "rename", ALL)}


def test_each_old_unit_becomes_what_the_data_say():
    agencies, successions = seeds(small(), [], [])
    assert [(a.agency_code, a.valid_from, a.valid_to) for a in agencies if a.level == "province"] == [("10", OLD, None)]
    assert [(s.from_code, s.to_code, s.kind, s.weight) for s in successions] == [
        ("101", "", "level_abolished", None),
        ("102", "10009", "recode", ALL),
        ("10001", "10001", "merge", ALL),
        ("10002", "10001", "merge", ALL),
        ("10003", "10001", "split", None),
        ("10003", "10003", "split", None),
        ("10004", "10004", "reparent", ALL),
    ]


def test_a_reviewed_range_stands_in_for_that_of_the_data_and_successions_follow_it():
    day = date(2024, 12, 1)
    reviewed = [agency("10001", OLD, date(2024, 11, 30), "Xã Cũ"), agency("10001", day, date(2025, 6, 30), "Xã A")]
    change = Succession("10001", OLD, "10001", day, day, "rename", ALL, "")
    agencies, successions = seeds(small(), reviewed, [change])
    assert [a.name_vi for a in agencies if a.agency_code == "10001"] == ["Xã Cũ", "Xã A", "Xã AB"]
    assert [(s.predecessor, s.successor) for s in successions if s.from_code == "10001"] == [
        (("10001", OLD), ("10001", day)),
        (("10001", day), ("10001", NEW)),
    ]


@pytest.mark.parametrize(
    ("reviewed", "changes", "says"),
    [
        ([agency("10001", OLD, date(2025, 6, 30), "Xã Khác")], [], "10001 is 'Xã Khác', commune under 101; the data say 'Xã A'"),
        ([agency("10001", OLD, date(2024, 11, 30), "Xã A")], [], "reviewed rows leave that day out"),
        ([agency("10008", OLD, date(2025, 6, 30), "Xã H")], [], "10008: Xã H ended on 2025-06-30 and no row says who took over"),
        ([agency("10008", OLD, None, "Xã H", above="103")], [], "its parent 103 does not exist on 2004-07-08"),
        ([], [Succession("10001", OLD, "10001", NEW, NEW, "merge", ALL, "")], "repeats one that the data give"),
        ([], [Succession("10007", OLD, "10001", NEW, NEW, "merge", ALL, "")], "no agency 10007 begins on 2004-07-08"),
    ],
)  # fmt: skip
def test_a_reviewed_row_that_contradicts_ends_the_build(reviewed, changes, says):
    with pytest.raises(Contradiction, match=says):
        seeds(small(), reviewed, changes)


def test_the_data_are_those_of_the_version_that_was_reviewed():
    known = country()
    assert (len(known.old), len(known.new)) == (63 + 696 + 10_035, 34 + 3_321)
