"""Checks on the lists that facts rest on: agencies, procedures, certificates."""

from __future__ import annotations

from expectations.checks import GREATER, NOT_NULL, NULL, UNIQUE, UNIQUE_TOGETHER, Check, Frame, at_least

AGENCIES = Frame("agencies", rows_vi="đơn vị")
PROCEDURES = Frame("procedures", rows_vi="thủ tục hành chính", entity="procedures")
OVERLAPS = Frame("procedure_overlaps", rows_vi="thủ tục hành chính")
CERTIFICATES = Frame("certificates", rows_vi="chứng thư số", entity="certificates")

_CORRECT_LIST = "Tổ dữ liệu sửa danh mục đơn vị (ngày hiệu lực, ngày hết hiệu lực) rồi chạy lại kỳ báo cáo."
_CORRECT_CATALOGUE = "Tổ dữ liệu cùng đầu mối kiểm soát thủ tục hành chính sửa danh mục của đơn vị rồi chạy lại."
_ASK_REGISTER = "Tổ dữ liệu đối chiếu với đơn vị quản lý chứng thư số, sửa danh sách rồi chạy lại kỳ báo cáo."

CHECKS: tuple[Check, ...] = (
    Check(
        id="dim_agencies.validity_in_order",
        frame=AGENCIES,
        expect=GREATER,
        arguments=at_least("last_day", "valid_from"),
        severity="critical",
        scope="period",
        why="An agency that ends before it begins exists on no day and reports in no period.",
        message_vi="Ngày hết hiệu lực của đơn vị trước ngày hiệu lực",
        action_vi=_CORRECT_LIST,
        show=("valid_from", "valid_to"),
    ),
    Check(
        id="dim_agencies.validity_does_not_overlap",
        frame=AGENCIES,
        expect=GREATER,
        arguments=at_least("next_valid_from", "last_day", strictly=True),
        severity="critical",
        scope="period",
        why="On any one day a code means one agency; otherwise its rows are counted twice.",
        message_vi="Một mã đơn vị được dùng cho hai đơn vị trong cùng thời gian",
        action_vi=_CORRECT_LIST,
        show=("valid_from", "valid_to", "next_valid_from"),
    ),
    Check(
        id="dim_procedures.key_unique",
        frame=PROCEDURES,
        expect=UNIQUE_TOGETHER,
        arguments={"column_list": ["agency_code", "procedure_code", "valid_from"], "ignore_row_if": "never"},
        severity="critical",
        scope="cell",
        spoils=("dim_procedures",),
        why="The catalogue is a denominator: a procedure listed twice lowers the share (163, 162, 164 in one "
        "district: X-01).",
        message_vi="Thủ tục hành chính bị lặp trong danh mục của đơn vị",
        action_vi=_CORRECT_CATALOGUE,
        show=("valid_from",),
    ),
    Check(
        id="dim_procedures.validity_in_order",
        frame=PROCEDURES,
        expect=GREATER,
        arguments=at_least("valid_to", "valid_from"),
        severity="critical",
        scope="cell",
        spoils=("dim_procedures.valid_from", "dim_procedures.valid_to"),
        why="All procedures abolished and none in force was printed (F003-01); a procedure that ends before it begins "
        "is never in force.",
        message_vi="Thủ tục hành chính hết hiệu lực trước ngày hiệu lực",
        action_vi=_CORRECT_CATALOGUE,
        show=("valid_from", "valid_to"),
    ),
    Check(
        id="dim_procedures.validity_does_not_overlap",
        frame=OVERLAPS,
        expect=NULL,
        arguments={"column": "next_valid_from"},
        severity="critical",
        scope="cell",
        spoils=("dim_procedures.valid_from", "dim_procedures.valid_to"),
        why="A procedure listed again from another day is counted twice on every day that both entries hold (163, 162 or 164 in "
        "one district: X-01).",
        message_vi="Một thủ tục hành chính của đơn vị được khai báo hai lần trong cùng thời gian",
        action_vi=_CORRECT_CATALOGUE,
        show=("valid_from", "valid_to", "next_valid_from"),
    ),
    Check(
        id="dim_procedures.agency_known",
        frame=PROCEDURES,
        expect=NOT_NULL,
        arguments={"column": "known_agency"},
        severity="critical",
        scope="cell",
        spoils=("dim_procedures.agency_code",),
        why="A catalogue of an unknown agency leaves another without its denominator.",
        message_vi="Danh mục thủ tục hành chính của đơn vị chưa có trong danh mục đơn vị",
        action_vi=_CORRECT_LIST,
    ),
    Check(
        id="dim_certificates.key_unique",
        frame=CERTIFICATES,
        expect=UNIQUE,
        arguments={"column": "row_key"},
        severity="critical",
        scope="cell",
        spoils=("dim_certificates",),
        why="Certificates are counted by serial; 18 accounts for 17 staff were printed (F004-05).",
        message_vi="Chứng thư số bị lặp trong danh sách",
        action_vi=_ASK_REGISTER,
        show=("valid_from",),
    ),
    Check(
        id="dim_certificates.validity_in_order",
        frame=CERTIFICATES,
        expect=GREATER,
        arguments=at_least("valid_to", "valid_from"),
        severity="critical",
        scope="cell",
        spoils=("dim_certificates.valid_from", "dim_certificates.valid_to"),
        why="A certificate that ends before it begins is valid on no day and would silently not be counted.",
        message_vi="Chứng thư số hết hạn trước ngày có hiệu lực",
        action_vi=_ASK_REGISTER,
        show=("valid_from", "valid_to"),
    ),
    Check(
        id="dim_certificates.agency_known",
        frame=CERTIFICATES,
        expect=NOT_NULL,
        arguments={"column": "known_agency"},
        severity="critical",
        scope="cell",
        spoils=("dim_certificates.agency_code",),
        why="A certificate of an unknown agency is counted in no figure, and nobody misses it.",
        message_vi="Chứng thư số của đơn vị chưa có trong danh mục đơn vị",
        action_vi=_CORRECT_LIST,
    ),
)
