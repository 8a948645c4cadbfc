"""Checks of one source against another, and of what two sources both hold. Registers lag one another, so they warn."""

from __future__ import annotations

from expectations.checks import NULL, OFFICE_OWNER, PORTAL_OWNER, PORTAL_SYSTEM, Check, Frame

CODES = Frame("double_codes", rows_vi="hồ sơ")
CASES = Frame("doubled_cases", rows_vi="hồ sơ")
LINKS = Frame("links", rows_vi="đơn vị")
FOREIGN = Frame("foreign_signatures", rows_vi="chữ ký số")

_KEEP_ONE = f"Đơn vị giữ lại một hồ sơ cho mỗi vụ việc trên {PORTAL_SYSTEM}, hủy hồ sơ nhập trùng rồi đồng bộ lại."

CHECKS: tuple[Check, ...] = (
    Check(
        id="landed_dossiers.code_of_one_export",
        frame=CODES,
        expect=NULL,
        arguments={"column": "first_export"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers",),
        why="The same case lives in two systems (F002-09). The newer version is taken, whichever export it came from; that "
        "both have it is a double entry that ends only where it is told.",
        message_vi="Một mã hồ sơ có trong hai nguồn dữ liệu",
        action_vi="Đơn vị xác định hệ thống nào quản lý hồ sơ và dừng nhập ở hệ thống kia; Tổ dữ liệu kiểm tra phạm vi của "
        "từng nguồn.",
        owner=PORTAL_OWNER,
        show=("first_export", "second_export"),
    ),
    Check(
        id="fct_dossiers.case_has_one_code",
        frame=CASES,
        expect=NULL,
        arguments={"column": "same_as"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers",),
        why="Staff ask that two programs be joined since they enter every case twice (F002-09). Equal in agency, procedure, "
        "applicant, fee and all instants, under two codes: counted twice.",
        message_vi="Một vụ việc được nhập thành hai hồ sơ với hai mã khác nhau",
        action_vi=_KEEP_ONE,
        owner=PORTAL_OWNER,
        show=("same_as",),
    ),
    Check(
        id="fct_signatures.document_delivered",
        frame=LINKS,
        expect=NULL,
        arguments={"column": "signatures_without_document"},
        severity="warning",
        scope="cell",
        spoils=("fct_documents",),
        why="Signatures on documents that the document system does not deliver: documents are missing (577 published of 574 "
        "sent: F000-10). Secret ones never come, so up to a fifth is left to them.",
        message_vi="Nhiều chữ ký số trên văn bản không có trong dữ liệu văn bản của đơn vị",
        action_vi="Văn thư đơn vị kiểm tra việc đồng bộ văn bản đi từ hệ thống quản lý văn bản; báo Tổ dữ liệu văn bản còn "
        "thiếu.",
        owner=OFFICE_OWNER,
        show=("signatures_without_document",),
    ),
    Check(
        id="fct_signatures.certificate_of_the_agency",
        frame=FOREIGN,
        expect=NULL,
        arguments={"column": "signed_with"},
        severity="warning",
        scope="cell",
        spoils=("fct_signatures.serial", "dim_certificates.agency_code"),
        why="A document of one agency signed with the certificate of another: a person who moved and kept it (one left on "
        "31 May, the account stayed: F004-05), or a certificate listed under the wrong agency.",
        message_vi="Văn bản của đơn vị được ký bằng chứng thư số của đơn vị khác",
        action_vi="Đơn vị rà soát người ký và chứng thư số; Tổ dữ liệu đối chiếu với đơn vị quản lý chứng thư số.",
        owner=OFFICE_OWNER,
        show=("serial", "signed_with"),
    ),
    Check(
        id="fct_dossiers.electronic_result_signed",
        frame=LINKS,
        expect=NULL,
        arguments={"column": "results_unsigned"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.result_electronic",),
        why="A result is electronic when it is signed (99,4 % digitised without numerator or denominator: F000-07). One sync "
        "tool sends the first file handed in where there is no result. Only where signatures name dossiers at all.",
        message_vi="Nhiều kết quả điện tử không tìm thấy chữ ký số",
        action_vi=f"Đơn vị kiểm tra việc ký số kết quả trên {PORTAL_SYSTEM}; chỉ đính kèm kết quả đã ký số.",
        owner=PORTAL_OWNER,
        show=("results_unsigned",),
    ),
    Check(
        id="fct_documents.sent_is_received",
        frame=LINKS,
        expect=NULL,
        arguments={"column": "documents_not_received"},
        severity="warning",
        scope="cell",
        spoils=("fct_documents.exchange_status", "fct_documents.exchange_form"),
        why="167 documents were sent and the superior level 'has not received documents' (F001-04): electronic exchange is "
        "what arrives. Where the source tells of receipt at all, half of an agency's without one is a broken line.",
        message_vi="Phần lớn văn bản gửi điện tử của đơn vị không có trạng thái đã đến, đã tiếp nhận",
        action_vi="Văn thư đơn vị kiểm tra việc gửi, nhận văn bản qua trục liên thông và mã định danh nơi nhận.",
        owner=OFFICE_OWNER,
        show=("documents_not_received",),
    ),
    Check(
        id="fct_dossiers.answered_is_ended",
        frame=LINKS,
        expect=NULL,
        arguments={"column": "answered_though_open"},
        severity="warning",
        scope="cell",
        spoils=("fct_dossiers.finished_at",),
        why="Ends in the system and on paper are not entered together (F002-08): the answer went out, the dossier is still "
        "open and overdue. Some letters are no answers, so a tenth of them is left.",
        message_vi="Nhiều hồ sơ quá hạn chưa kết thúc trên hệ thống nhưng đã có văn bản trả lời",
        action_vi=f"Đơn vị kết thúc trên {PORTAL_SYSTEM} các hồ sơ đã trả kết quả, ghi đúng ngày kết thúc.",
        owner=PORTAL_OWNER,
        show=("answered_though_open",),
    ),
)
