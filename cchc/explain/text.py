"""The explanation as an official reads it: Vietnamese, short paragraphs first, then the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from cchc.explain.words import FACTS, HEADINGS, KINDS, LEVELS, STATES, VERSIONS, cell, number, publication

_SCOPES = {"month": "trong kỳ", "ytd": "lũy kế từ đầu năm"}
_NUMBERS = ("days_late",)
# Names of fields and kinds of documents are long: they go on in the next line.
_WIDEST = 32


def told(explained: dict[str, Any]) -> Iterator[str | Table]:
    """Lines and tables, in the order in which they are printed."""
    yield from _figure(explained)
    for sentence in explained["reasons"]:
        yield f"  {sentence}"
    yield from _definition(explained["indicator"])
    if explained["months"]:
        yield from _months(explained)
    if explained["communes"]:
        yield from _communes(explained)
    if explained["rows"]:
        yield from _rows(explained)


def _figure(explained: dict[str, Any]) -> Iterator[str]:
    agency, indicator, figure = explained["agency"], explained["indicator"], explained["figure"]
    release, is_share = explained["release"], _is_share(explained)
    yield (
        f"{indicator['name_vi']} · {agency['name']} ({agency['code']}, {LEVELS.get(agency['level'], agency['level'])}) · "
        f"kỳ {explained['period']} ({cell(explained['first_date'])} đến {cell(release['last_date'])}), "
        f"{_SCOPES[explained['scope']]}"
    )
    if figure["state"] == "ok":
        of = f" = {number(figure['numerator'])} / {number(figure['denominator'])}" if is_share else ""
        yield f"Số đã công bố: {number(figure['value'], is_share)}{of}" + ("" if is_share else f" {indicator['unit']}")
    else:
        yield f"Số đã công bố: không có, {STATES.get(figure['state'], figure['state'])}"
    yield (
        f"Lần công bố {figure['revision']} ({publication(release['reason'])}); "
        f"độ phủ số liệu {number(figure['coverage'], is_share=True)}"
    )


def _definition(indicator: dict[str, Any]) -> Iterator[str]:
    if indicator["denominator_words"]:
        yield f"Tử số: {indicator['numerator_words']}"
        yield f"Mẫu số: {indicator['denominator_words']}"
    else:
        yield f"Cách tính: {indicator['numerator_words']}"
    code, version = indicator["indicator_code"], indicator["definition_version"]
    version = VERSIONS.get(version, version)
    yield f"Định nghĩa {code}, phiên bản {version}; căn cứ: {indicator['legal_ground']}"
    if indicator["forms"]:
        yield "Biểu mẫu: " + "; ".join(f"{words} {where}" for words, where in indicator["forms"].items())


def _months(explained: dict[str, Any]) -> Iterator[str | Table]:
    is_share = _is_share(explained)
    yield f"\nCác kỳ trong năm ({KINDS.get(explained['indicator']['kind'], '')}):"
    table = _table(
        "Kỳ", "Lần công bố", "Tử số" if is_share else "Số liệu", *(["Mẫu số"] if is_share else []), "Ghi chú"
    )
    for row in explained["months"]:
        note = "chưa công bố" if row["revision"] is None else ""
        if row["current_revision"] not in (None, row["revision"]):
            note = f"nay là lần {row['current_revision']}: kỳ {explained['period']} cần được công bố lại"
        shares = [number(row["denominator"])] if is_share else []
        table.add_row(row["month"], cell(row["revision"]) or "-", number(row["numerator"]), *shares, note)
    yield table


def _communes(explained: dict[str, Any]) -> Iterator[str | Table]:
    is_share = _is_share(explained)
    yield "\nCác đơn vị hợp thành:"
    table = _table("Mã", "Đơn vị", "Giá trị", *(["Tử số", "Mẫu số"] if is_share else []), "Tình trạng")
    for row in explained["communes"]:
        shares = [number(row["numerator"]), number(row["denominator"])] if is_share else []
        table.add_row(
            row["agency_code"],
            row["name"],
            number(row["value"], is_share),
            *shares,
            STATES.get(row["state"], row["state"]),
        )
    for row in explained["left"]:
        parts = [number(row["numerator"]), number(row["denominator"])] if is_share else []
        value = "" if is_share else number(row["numerator"])
        table.add_row(row["agency_code"], row["name"], value, *parts, "đã chia tách, chưa phân bổ được")
    yield table


def _rows(explained: dict[str, Any]) -> Iterator[str | Table]:
    made = explained["rows"]
    if not made["matches"]:
        yield (
            f"\nChú ý: hiện tìm thấy tử số {number(made['numerator_found'])}"
            + (f", mẫu số {number(made['denominator_found'])}" if "denominator_found" in made else "")
            + "; khác số đã công bố (kỳ do phiên bản trước công bố, đã có lần công bố mới hơn, hoặc có phần của đơn vị "
            "sáp nhập, chia tách)."
        )
    if made["breakdown"]:
        split = made.get("missing") is not None and "fact_of_missing" not in made
        yield f"\n{FACTS[made['fact']].capitalize()} theo từng loại:"
        table = _table("Phân loại", "Giá trị", "Số lượng", *(["Đạt (tử số)", "Chưa đạt"] if split else []))
        before = None
        for row in made["breakdown"]:
            more = [number(row["counted"]), number(row["rows"] - row["counted"])] if split else []
            table.add_row("" if row["family"] == before else row["family"], row["value"], number(row["rows"]), *more)
            before = row["family"]
        yield table
    yield from _listed(explained, made)


def _listed(explained: dict[str, Any], made: dict[str, Any]) -> Iterator[str | Table]:
    shown, total = made["shown"], made["numerator_found"] if made["missing"] is None else made["missing"]
    what = FACTS[made.get("fact_of_missing", made["fact"])]
    if made["missing"] is None:
        yield f"\n{number(total)} {what} được tính{_first(shown, total)}"
    elif total:
        yield f"\n{number(total)} {what} trong mẫu số nhưng không đạt{_first(shown, total)}"
    else:
        yield f"\nKhông có {what} nào trong mẫu số mà không đạt."
    if not shown:
        return
    if explained["scope"] == "ytd":
        yield "(tình trạng của từng hàng là tại ngày cuối của kỳ ghi ở cột Kỳ)"
    left_out = {"month"} if explained["scope"] == "month" else set()
    left_out |= set() if explained["agency"]["is_rollup"] else {"agency_code"}
    names = [name for name in shown[0] if name not in left_out and any(row[name] not in (None, "") for row in shown)]
    table = _table(*(HEADINGS[name] for name in names), numeric={HEADINGS[name] for name in _NUMBERS})
    for row in shown:
        table.add_row(*(cell(row[name]) for name in names))
    yield table
    if made["fact"] == "dossiers" and "fact_of_missing" not in made:
        yield f"Từng hồ sơ: cchc dossier {shown[0]['dossier_code']}"
    if sql := made.get("missing_sql", None if "fact_of_missing" in made else made["numerator_sql"]):
        yield f"Toàn bộ bằng SQL: {sql}"


def _first(shown: list[Any], total: int) -> str:
    return f" ({len(shown)} hàng đầu):" if len(shown) < total else ":" if shown else "."


def _is_share(explained: dict[str, Any]) -> bool:
    return explained["indicator"]["denominator_filter"] is not None


def _table(*headings: str, numeric: set[str] | None = None) -> Table:
    numbers = {"Số lượng", "Đạt (tử số)", "Chưa đạt", "Tử số", "Mẫu số", "Số liệu", "Giá trị", "Lần công bố"}
    if "Phân loại" in headings:
        numbers -= {"Giá trị"}
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        right = heading in numbers | (numeric or set())
        wraps = heading in (HEADINGS["field"], HEADINGS["document_type"])
        widest = _WIDEST if wraps else None
        table.add_column(
            Text(heading), justify="right" if right else "left", overflow="fold", no_wrap=not wraps, max_width=widest
        )
    return table
