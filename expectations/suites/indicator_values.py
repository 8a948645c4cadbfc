"""Checks on the month's figures: complete, possible one by one, and consistent with one another."""

from __future__ import annotations

from expectations.checks import (
    BETWEEN,
    EQUAL,
    GREATER,
    NOT_NULL,
    NULL,
    PORTAL_SYSTEM,
    UNIQUE_TOGETHER,
    Check,
    Frame,
    at_least,
    equal,
)

VALUES = Frame("indicator_values", rows_vi="chỉ tiêu")
GRID = Frame("indicator_grid", rows_vi="chỉ tiêu")
IDENTITIES = Frame("identities", rows_vi="phạm vi số liệu")
YEAR = Frame("indicator_year", rows_vi="chỉ tiêu")
AGENCIES = Frame("reporting_agencies", rows_vi="đơn vị")
ROLLUPS = Frame("rollups", rows_vi="chỉ tiêu")

_ASK_DATA_TEAM = (
    "Tổ dữ liệu đối chiếu số liệu của chỉ tiêu với dữ liệu chi tiết của đơn vị (tệp build/<kỳ>/warehouse.duckdb), xử lý "
    "nguyên nhân rồi chạy lại kỳ báo cáo."
)
_COMPARE_LISTS = (
    f"Đơn vị đối chiếu danh sách hồ sơ trên {PORTAL_SYSTEM} (đã tiếp nhận, đã giải quyết, đang giải quyết, từ chối, rút) "
    "với số liệu của kỳ; báo Tổ dữ liệu hồ sơ bị thiếu hoặc bị tính hai lần."
)

CHECKS: tuple[Check, ...] = (
    Check(
        id="indicator_values.complete",
        frame=GRID,
        expect=BETWEEN,
        arguments={"column": "rows_found", "min_value": 1, "max_value": 1},
        severity="critical",
        scope="period",
        why="Every agency, code and scope is promised exactly one row; a missing row is read as zero by whoever sums "
        "(a blank is not a zero: F003-13).",
        message_vi="Thiếu hoặc thừa dòng số liệu của chỉ tiêu",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "rows_found"),
    ),
    Check(
        id="indicator_values.key_unique",
        frame=VALUES,
        expect=UNIQUE_TOGETHER,
        arguments={
            "column_list": ["period_month", "reporting_calendar", "scope", "agency_code", "indicator_code"],
            "ignore_row_if": "never",
        },
        severity="critical",
        scope="period",
        why="Two values for one unit, period and code were printed in one report (F000-04); a key has one value.",
        message_vi="Một chỉ tiêu của một đơn vị có nhiều hơn một giá trị",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "value"),
    ),
    Check(
        id="indicator_values.agency_reports",
        frame=VALUES,
        expect=NOT_NULL,
        arguments={"column": "reporting_agency"},
        severity="critical",
        scope="period",
        why="Figures of an agency that does not exist or report in the period would be summed twice after a merger.",
        message_vi="Có số liệu của đơn vị không thuộc diện báo cáo trong kỳ",
        action_vi="Tổ dữ liệu kiểm tra danh mục đơn vị (ngày hiệu lực, ngày bắt đầu và kết thúc báo cáo) rồi chạy lại "
        "kỳ báo cáo.",
        show=("indicator_vi", "value"),
    ),
    Check(
        id="indicator_values.numerator_within_denominator",
        frame=VALUES,
        expect=GREATER,
        arguments=at_least("denominator", "numerator"),
        severity="critical",
        scope="cell",
        why="1056/1026 = 102.92 % was behind a printed 97.15 % (F000-01); more procedures with online dossiers than "
        "the "
        "catalogue holds means that catalogue and dossiers do not belong together (F000-06).",
        message_vi="Tử số lớn hơn mẫu số, tỷ lệ vượt quá 100 %",
        action_vi="Đơn vị kiểm tra dữ liệu của tử số và mẫu số (ví dụ danh mục thủ tục hành chính đang có hiệu lực "
        "của đơn vị "
        "so với thủ tục phát sinh hồ sơ trực tuyến), bổ sung phần còn thiếu trên hệ thống nguồn rồi báo Tổ dữ liệu "
        "chạy lại.",
        show=("indicator_vi", "numerator", "denominator"),
    ),
    Check(
        id="indicator_values.share_between_0_and_1",
        frame=VALUES,
        expect=BETWEEN,
        arguments={"column": "share", "min_value": 0, "max_value": 1},
        severity="critical",
        scope="cell",
        why="A share is a part of a whole, 0 to 1; exclusive categories that sum to 200 % were printed (F003-05).",
        message_vi="Tỷ lệ nằm ngoài khoảng từ 0 đến 100 %",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "value", "numerator", "denominator"),
    ),
    Check(
        id="indicator_values.not_negative",
        frame=VALUES,
        expect=BETWEEN,
        arguments={"column": "lowest_figure", "min_value": 0},
        severity="critical",
        scope="cell",
        why="Everything counted is counted from records; a negative count can only be a fault of a subtraction.",
        message_vi="Chỉ tiêu có giá trị âm",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "value", "numerator", "denominator"),
    ),
    Check(
        id="indicator_values.value_only_when_ok",
        frame=VALUES,
        expect=NULL,
        arguments={"column": "value_though_not_ok"},
        severity="critical",
        scope="cell",
        why="A blank was printed as if it were a figure (F003-13, F001-12): what was not measured has no value, not "
        "zero.",
        message_vi="Chỉ tiêu chưa đủ điều kiện công bố nhưng vẫn mang giá trị",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "state", "value"),
    ),
    Check(
        id="indicator_values.value_when_ok",
        frame=VALUES,
        expect=NULL,
        arguments={"column": "ok_without_value"},
        severity="critical",
        scope="cell",
        why="The other half: a cell called ok has a value, be it zero (F001-13 is a real zero).",
        message_vi="Chỉ tiêu được coi là hợp lệ nhưng không có giá trị",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "state", "numerator", "denominator"),
    ),
    Check(
        id="indicator_values.value_is_the_quotient",
        frame=VALUES,
        expect=EQUAL,
        arguments=equal("value_rounded", "quotient_rounded"),
        severity="critical",
        scope="cell",
        why="Printed percentages that do not follow from their own fraction (F003-04, F004-01, F000-02).",
        message_vi="Giá trị không bằng tử số chia mẫu số",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "value", "numerator", "denominator"),
    ),
    Check(
        id="indicator_values.dossier_counts_answered",
        frame=IDENTITIES,
        expect=BETWEEN,
        arguments={"column": "parts_unanswered", "min_value": 0, "max_value": 0},
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers",),
        why="The identities skip what is not ok; without this check a month of unmeasured counts would satisfy them "
        "all. "
        "Only withheld and incomplete excuse a count (pending not mentioned: F000-13).",
        message_vi="Thiếu số liệu hồ sơ bắt buộc của đơn vị",
        action_vi=_ASK_DATA_TEAM,
    ),
    Check(
        id="indicator_values.taken_on_equals_accounted_for",
        frame=IDENTITIES,
        expect=EQUAL,
        arguments=equal("taken_on", "accounted_for"),
        severity="critical",
        scope="cell",
        spoils=(
            "fct_dossiers.received_at",
            "fct_dossiers.finished_at",
            "fct_dossiers.refused_at",
            "fct_dossiers.withdrawn_at",
        ),
        why="1823 received, 1819 resolved and 6 pending cannot be without 2 carried over (F002-01).",
        message_vi="Số hồ sơ tiếp nhận trong kỳ cộng kỳ trước chuyển sang không bằng số đã giải quyết cộng đang giải "
        "quyết, "
        "từ chối và rút",
        action_vi=_COMPARE_LISTS,
        show=("taken_on", "accounted_for"),
    ),
    Check(
        id="indicator_values.resolved_equals_its_parts",
        frame=IDENTITIES,
        expect=EQUAL,
        arguments=equal("resolved", "resolved_by_timeliness"),
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers.finished_at", "fct_dossiers.due_at"),
        why="Without the early/on time/late split a printed total says nothing (F001-02, F003-12).",
        message_vi="Số hồ sơ đã giải quyết không bằng tổng trước hạn, đúng hạn, quá hạn và không có hạn",
        action_vi=_COMPARE_LISTS,
        show=("resolved", "resolved_by_timeliness"),
    ),
    Check(
        id="indicator_values.pending_equals_its_parts",
        frame=IDENTITIES,
        expect=EQUAL,
        arguments=equal("pending", "pending_by_due_date"),
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers.finished_at", "fct_dossiers.due_at"),
        why="Parent equals the sum of its children (F003-02, F003-06 are such sums that fail).",
        message_vi="Số hồ sơ đang giải quyết không bằng tổng trong hạn và quá hạn",
        action_vi=_COMPARE_LISTS,
        show=("pending", "pending_by_due_date"),
    ),
    Check(
        id="indicator_values.received_equals_its_channels",
        frame=IDENTITIES,
        expect=EQUAL,
        arguments=equal("received", "received_by_channel"),
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers.received_at", "fct_dossiers.channel"),
        why="Channels partition what was received: 1810 + 13 = 1823; 510 online in one place and 238 in another "
        "(F003-09).",
        message_vi="Số hồ sơ tiếp nhận không bằng tổng trực tuyến, trực tiếp và qua bưu chính",
        action_vi=_COMPARE_LISTS,
        show=("received", "received_by_channel"),
    ),
    Check(
        id="indicator_values.roll_up_equals_its_parts",
        frame=ROLLUPS,
        expect=EQUAL,
        arguments=equal("total", "parts_total"),
        severity="critical",
        scope="cell",
        why="A total that is not the sum of its units was printed (F003-02, F004-06); what a divided unit left is in the "
        "total, in no commune, and in a table of its own.",
        message_vi="Số của huyện, tỉnh không bằng tổng các xã cộng phần chưa phân bổ được",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "total", "parts_total"),
    ),
    Check(
        id="indicator_values.year_to_date_not_below_month",
        frame=YEAR,
        expect=GREATER,
        arguments=at_least("year_value", "month_value"),
        severity="critical",
        scope="cell",
        why="The year contains the month; two cut-offs in one document gave two totals for one count (F000-04).",
        message_vi="Số lũy kế từ đầu năm nhỏ hơn số của riêng tháng",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "year_value", "month_value"),
    ),
    Check(
        id="indicator_values.first_month_is_the_year_to_date",
        frame=YEAR,
        expect=EQUAL,
        arguments=equal("year_value", "first_month_value"),
        severity="critical",
        scope="cell",
        why="In the first month of a reporting year the year to date is the month; a window that begins elsewhere is "
        "F004-09.",
        message_vi="Kỳ đầu năm nhưng số lũy kế khác số của tháng",
        action_vi=_ASK_DATA_TEAM,
        show=("indicator_vi", "year_value", "first_month_value"),
    ),
    Check(
        id="indicator_values.agency_has_dossiers",
        frame=AGENCIES,
        expect=BETWEEN,
        arguments={"column": "received_or_carried_over", "min_value": 1},
        severity="critical",
        scope="cell",
        spoils=("fct_dossiers",),
        why="A missing commune lowers nothing that anyone looks at. The smallest report had 903 dossiers a year, so a "
        "month "
        "with none received and none open is silence of the source, not of the citizens.",
        message_vi="Đơn vị không có hồ sơ nào được tiếp nhận hoặc đang giải quyết trong kỳ",
        action_vi="Kiểm tra việc đồng bộ hồ sơ của đơn vị lên cổng dịch vụ công trong kỳ (tài khoản, mã định danh, "
        "lịch đồng bộ), "
        "đồng bộ lại rồi báo Tổ dữ liệu chạy lại kỳ báo cáo.",
        show=("received_or_carried_over",),
    ),
)
