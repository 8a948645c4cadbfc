"""Checks on figures that can be, one by one, and are not to be believed together. They warn: the improbable happens."""

from __future__ import annotations

from expectations.checks import BETWEEN, NULL, PORTAL_OWNER, PORTAL_SYSTEM, Check, Frame

PERFECT = Frame("perfect_shares", rows_vi="đơn vị")
PERFECT_INDICATORS = Frame("perfect_indicators", rows_vi="chỉ tiêu")
TWINS = Frame("twins", rows_vi="đơn vị")
SAMPLES = Frame("small_samples", rows_vi="chỉ tiêu")
HABITS = Frame("habits", rows_vi="đơn vị")
UNLIKELY = Frame("unlikely_dossiers", rows_vi="hồ sơ")

_ASK_SOURCE = (
    "Tổ dữ liệu kiểm tra cách nguồn ghi dữ liệu này (giá trị mặc định, giá trị chép từ ô khác) và hỏi lại đơn vị."
)
_CORRECT_TIMES = (
    f"Đơn vị cập nhật đúng thời điểm kết thúc xử lý trên {PORTAL_SYSTEM}; báo Tổ dữ liệu nếu hệ thống tự ghi."
)

CHECKS: tuple[Check, ...] = (
    Check(
        id="indicator_values.not_all_perfect",
        frame=PERFECT,
        expect=NULL,
        arguments={"column": "all_perfect"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers", "fct_documents"),
        why="907 of 907 early, none pending, 574 of 574 signed, satisfaction 100 % (F004-10, F004-11): six shares and "
        "more, each exactly 100 %, are a default or a wish.",
        message_vi="Tất cả tỷ lệ của đơn vị đều đúng 100 %",
        action_vi=_ASK_SOURCE,
        show=("all_perfect",),
    ),
    Check(
        id="indicator_values.not_perfect_everywhere",
        frame=PERFECT_INDICATORS,
        expect=NULL,
        arguments={"column": "all_perfect"},
        severity="warning",
        scope="period",
        why="One sync tool writes 'digitised' beside every attachment and 'paid online' beside cash: then everybody has "
        "100 %, or everybody 0, and the figure tells nothing (all five reports have 0 petitions: X-10).",
        message_vi="Một chỉ tiêu bằng đúng 100 % (hoặc 0 %) ở tất cả các đơn vị",
        action_vi=_ASK_SOURCE,
        show=("indicator_vi", "all_perfect"),
    ),
    Check(
        id="indicator_values.figures_not_shared",
        frame=TWINS,
        expect=NULL,
        arguments={"column": "same_figures_as"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers", "fct_documents"),
        why="Two communes with other cut-offs printed the same 574, 13 and 2 (F000-09, F004-18). No two offices do the same "
        "in every count of a month.",
        message_vi="Số liệu của đơn vị giống hệt số liệu của một đơn vị khác",
        action_vi=_ASK_SOURCE,
        show=("same_figures_as",),
    ),
    Check(
        id="fct_documents.days_not_shared",
        frame=TWINS,
        expect=NULL,
        arguments={"column": "same_days_as"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers", "fct_documents"),
        why="The same of one source alone: 30 records and more on the same days in the same numbers are one agency's "
        "records under two codes (F000-09: documents only were the same).",
        message_vi="Hồ sơ hoặc văn bản đi của đơn vị phát sinh giống hệt từng ngày với một đơn vị khác",
        action_vi=_ASK_SOURCE,
        show=("same_days_as",),
    ),
    Check(
        id="indicator_values.ranking_not_of_few",
        frame=SAMPLES,
        expect=NULL,
        arguments={"column": "cases"},
        severity="warning",
        scope="cell",
        why="60 ballots of 903 dossiers (F003-21) and no ballots at all (F004-12) stood beside thousands. First or last of "
        "a province by fewer than 20 cases is chance; only who stands there is told, not every small commune.",
        message_vi="Đơn vị đứng đầu hoặc cuối bảng chỉ nhờ quá ít trường hợp",
        action_vi="Không dùng tỷ lệ này để xếp hạng đơn vị; chờ đủ số trường hợp trong các tháng sau của năm.",
        show=("indicator_vi", "value", "cases"),
    ),
    Check(
        id="indicator_values.ratings_not_few",
        frame=SAMPLES,
        expect=NULL,
        arguments={"column": "rated"},
        severity="warning",
        scope="cell",
        why="Satisfaction of 100 % was asked by word of mouth and entered by staff (F004-12). Fewer than 30 ratings cannot "
        "speak for 300 dossiers.",
        message_vi="Mức độ hài lòng dựa trên quá ít lượt đánh giá",
        action_vi="Đơn vị hướng dẫn người dân, tổ chức tự đánh giá khi nhận kết quả; chưa dùng mức độ hài lòng để xếp hạng.",
        owner=PORTAL_OWNER,
        show=("rated", "resolved"),
    ),
    Check(
        id="fct_dossiers.received_all_day",
        frame=HABITS,
        expect=BETWEEN,
        arguments={"column": "leaner_half", "min_value": 1},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.received_at", "fct_dossiers.finished_at"),
        why="Of 50 dossiers at the counter none in the morning, or none in the afternoon: a clock of another zone, or a format "
        "of 12 hours without its half of the day (hh for HH, as one portal writes). Days then move into other months, as where "
        "system and paper differ (F002-08).",
        message_vi="Không có hồ sơ trực tiếp nào được ghi tiếp nhận vào buổi sáng hoặc buổi chiều",
        action_vi=_ASK_SOURCE,
        show=("leaner_half",),
    ),
    Check(
        id="fct_dossiers.end_not_copied_from_reception",
        frame=HABITS,
        expect=BETWEEN,
        arguments={"column": "copied_share", "max_value": 0.5},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.finished_at",),
        why="One sync tool writes the reception where the end is missing, and all is early (907 of 907: F004-10). Single "
        "certifications end at once; half of all resolved dossiers do not.",
        message_vi="Phần lớn hồ sơ có thời điểm kết thúc xử lý trùng thời điểm tiếp nhận",
        action_vi=_CORRECT_TIMES,
        owner=PORTAL_OWNER,
        show=("copied_share",),
    ),
    Check(
        id="fct_dossiers.not_ended_in_bulk",
        frame=HABITS,
        expect=BETWEEN,
        arguments={"column": "busiest_day_share", "max_value": 0.5},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.finished_at",),
        why="Staff admit that ends are not entered when they happen (F002-08). A month has some twenty working days; half of 30 "
        "dossiers or more on one of them were ended in the system, not at the counter.",
        message_vi="Quá nửa số hồ sơ của kỳ được kết thúc xử lý trong cùng một ngày",
        action_vi=_CORRECT_TIMES,
        owner=PORTAL_OWNER,
        show=("busiest_day_share",),
    ),
    Check(
        id="fct_dossiers.ratings_vary",
        frame=HABITS,
        expect=NULL,
        arguments={"column": "only_rating"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.rating",),
        why="Satisfaction of 100 %, asked by word of mouth and entered by staff (F004-12, X-04): fifty people and more do not "
        "all press the same key.",
        message_vi="Mọi lượt đánh giá hài lòng của đơn vị đều cùng một mức",
        action_vi="Đơn vị để người dân, tổ chức tự đánh giá khi nhận kết quả, không nhập thay.",
        owner=PORTAL_OWNER,
        show=("only_rating",),
    ),
    Check(
        id="fct_dossiers.due_within_a_year",
        frame=UNLIKELY,
        expect=NULL,
        arguments={"column": "due_far_at"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.due_at",),
        why="The longest terms of a commune are months. A due date of next year is a mistyped one, and the dossier is early "
        "whatever happens (F004-10: all early).",
        message_vi="Ngày hẹn trả kết quả quá 300 ngày sau ngày tiếp nhận",
        action_vi=f"Đơn vị sửa ngày hẹn trả kết quả của hồ sơ trên {PORTAL_SYSTEM} rồi đồng bộ lại.",
        owner=PORTAL_OWNER,
        show=("due_far_at",),
    ),
    Check(
        id="landed_dossiers.nothing_after_the_read",
        frame=UNLIKELY,
        expect=NULL,
        arguments={"column": "unknown_yet_at"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.finished_at", "fct_dossiers.received_at"),
        why="A source cannot know what happens after it is read: an end in the future leaves the dossier open in this month "
        "(a date outside its window: F001-01). A day is left to clocks that differ.",
        message_vi="Hồ sơ có ngày sau thời điểm đọc dữ liệu",
        action_vi=f"Đơn vị sửa ngày của hồ sơ trên {PORTAL_SYSTEM} rồi đồng bộ lại.",
        owner=PORTAL_OWNER,
        show=("unknown_yet_at",),
    ),
    Check(
        id="landed_dossiers.end_has_its_status",
        frame=UNLIKELY,
        expect=NULL,
        arguments={"column": "open_status"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.finished_at",),
        why="System and paper are not closed together (F002-08): with an end and an open status one of the two is wrong. The end "
        "is what counts, so it warns.",
        message_vi="Hồ sơ có ngày kết thúc xử lý nhưng trạng thái là đang xử lý",
        action_vi=f"Đơn vị cập nhật trạng thái hoặc ngày kết thúc của hồ sơ trên {PORTAL_SYSTEM} rồi đồng bộ lại.",
        owner=PORTAL_OWNER,
        show=("open_status",),
    ),
)
