"""What officials read of a contract: Vietnamese names of entities and columns, and the meanings of codes."""

from __future__ import annotations

from ingest.contracts import Column

Meanings = dict[str | int, str]
ENTITIES = {
    "dossiers": "Hồ sơ thủ tục hành chính", "documents": "Văn bản", "procedures": "Thủ tục hành chính",
    "staffing": "Biên chế", "certificates": "Chứng thư số", "signatures": "Chữ ký số",
    "reported_figures": "Số liệu báo cáo",
}  # fmt: skip

_COLUMNS = {
    "dossier_code": "Mã hồ sơ", "agency_code": "Mã đơn vị", "procedure_code": "Mã thủ tục hành chính",
    "field_code": "Mã lĩnh vực", "field_name": "Tên lĩnh vực", "channel": "Hình thức nộp hồ sơ",
    "service_level": "Mức độ dịch vụ công", "applicant_type": "Đối tượng nộp hồ sơ", "submitted_at": "Ngày nộp hồ sơ",
    "received_at": "Ngày tiếp nhận", "due_at": "Ngày hẹn trả", "finished_at": "Ngày kết thúc xử lý",
    "returned_at": "Ngày trả kết quả", "refused_at": "Ngày từ chối tiếp nhận", "withdrawn_at": "Ngày rút hồ sơ",
    "status": "Trạng thái hồ sơ", "return_method": "Hình thức trả kết quả", "is_e_certification": "Là hồ sơ chứng thực điện tử",
    "input_digitised": "Đã số hóa thành phần hồ sơ", "result_digitised": "Đã số hóa kết quả",
    "result_electronic": "Có kết quả điện tử", "data_reused": "Có tái sử dụng dữ liệu",
    "fee_vnd": "Tổng phí, lệ phí (đồng)", "paid_online": "Được thanh toán trực tuyến", "rating": "Mức đánh giá",
    "updated_at": "Cập nhật lần cuối", "document_id": "Mã văn bản", "direction": "Văn bản đến hay đi",
    "document_type": "Loại văn bản", "issued_date": "Ngày ban hành", "sent_at": "Ngày gửi",
    "exchange_form": "Hình thức gửi nhận", "exchange_status": "Trạng thái gửi nhận",
    "processed_online": "Xử lý trên môi trường mạng", "is_signed": "Đã ký số", "published_on_web": "Đã đăng trên cổng thông tin",
    "answers_dossier_code": "Trả lời hồ sơ mã số", "has_fee": "Có phí, lệ phí", "valid_from": "Hiệu lực từ ngày",
    "valid_to": "Hiệu lực đến ngày", "date": "Ngày", "staff_total": "Tổng số biên chế", "serial": "Số hiệu chứng thư số",
    "holder_type": "Loại chủ thể", "holder_role": "Vai trò chủ thể", "revoked_at": "Ngày thu hồi",
    "signature_id": "Mã chữ ký", "signed_at": "Ngày giờ ký", "verification": "Kết quả kiểm tra chữ ký", "form": "Mã biểu mẫu",
    "row_code": "Số thứ tự dòng của biểu", "unit": "Đơn vị tính", "value_text": "Giá trị ghi trong biểu", "value": "Giá trị số",
    "null_reason": "Lý do không có số", "requested_at": "Ngày yêu cầu bổ sung", "answered_at": "Ngày tiếp nhận bổ sung",
    "old_due_at": "Ngày hẹn trả trước", "new_due_at": "Ngày hẹn trả mới", "step": "Bước xử lý", "started_at": "Ngày bắt đầu",
    "row": "Cả dòng",
}  # fmt: skip
_CHILDREN = {"supplements": "Lần bổ sung", "steps": "Bước xử lý"}

_STATUS: Meanings = {
    1: "Mới đăng ký", 2: "Được tiếp nhận", 3: "Không được tiếp nhận", 4: "Đang xử lý", 5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính", 7: "Công dân yêu cầu rút hồ sơ", 8: "Dừng xử lý", 9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}  # fmt: skip
_WAYS: Meanings = {"in_person": "Trực tiếp", "online": "Trực tuyến", "postal": "Bưu chính công ích"}
_MEANINGS: dict[str, Meanings] = {
    "channel": _WAYS,
    "return_method": _WAYS,
    "service_level": {"full": "Toàn trình", "partial": "Một phần", "information": "Cung cấp thông tin"},
    "applicant_type": {
        "citizen": "Người dân", "business": "Doanh nghiệp", "state_body": "Cơ quan nhà nước", "organisation": "Tổ chức khác",
    },
    "status": _STATUS,
    "step": _STATUS,
    "direction": {"incoming": "Văn bản đến", "outgoing": "Văn bản đi"},
    "exchange_form": {
        "electronic": "Điện tử", "electronic_and_paper": "Điện tử và giấy", "paper": "Giấy",
    },
    "exchange_status": {
        "01": "Đã đến", "02": "Từ chối tiếp nhận", "03": "Đã tiếp nhận", "04": "Chờ phân công",
        "05": "Đã phân công, đang xử lý", "06": "Đã xử lý xong", "13": "Thu hồi hoặc lấy lại",
        "15": "Đồng ý thu hồi hoặc cập nhật", "16": "Từ chối thu hồi hoặc cập nhật",
    },
    "holder_type": {"person": "Cá nhân", "organisation": "Tổ chức"},
    "holder_role": {"leader": "Lãnh đạo", "staff": "Công chức, viên chức", "organisation": "Tổ chức"},
    "verification": {"valid": "Hợp lệ", "invalid": "Không hợp lệ", "unknown": "Không xác định"},
    "null_reason": {
        "blank": "Bỏ trống", "not_extractable": "Không trích xuất được", "not_due": "Chưa đến thời gian",
        "none_exists": "Không có",
    },
}  # fmt: skip

# What a valid text of a column looks like: its pattern in words, with an example.
_TEXTS = {
    "dossier_code": "Mã hồ sơ: chữ in hoa không dấu, chữ số, dấu chấm và gạch nối, ví dụ 000.22.26.H23-230103-0001",
    "agency_code": "Mã định danh đơn vị gồm chữ số, chữ H và dấu chấm, ví dụ 000.22.26.H23",
    "procedure_code": "Mã thủ tục trên Cơ sở dữ liệu quốc gia về thủ tục hành chính, ví dụ 1.004837 hoặc 2.000815.000.00.00.H23",
    "field_code": "Mã lĩnh vực: chữ in hoa không dấu, chữ số, dấu chấm, gạch nối, ví dụ HT01",
    "field_name": "Tên lĩnh vực bằng chữ tiếng Việt có dấu, không có chữ số, ví dụ Hộ tịch",
    "document_id": "Mã văn bản gồm mã đơn vị, ngày, số và ký hiệu, ví dụ 000.22.26.H23,2023/01/03,15/UBND-VP",
    "serial": "Số hiệu chứng thư số: 8 đến 40 ký tự 0–9 và A–F, có ít nhất một chữ, ví dụ 54A0000000000001",
    "signature_id": "Mã chữ ký: chữ in hoa không dấu, chữ số và gạch nối, ví dụ KS-000123",
    "form": "Mã biểu mẫu: chữ thường không dấu, chữ số, gạch dưới, ví dụ form_01b",
    "row_code": "Số thứ tự của dòng trong biểu, ví dụ 3 hoặc 3.1",
    "value_text": "Giá trị như ghi trong biểu: số, tỷ lệ phần trăm hoặc một từ được phép, ví dụ 1.467 hoặc 99,45% hoặc Không có",
}  # fmt: skip
_TEXTS["answers_dossier_code"] = _TEXTS["dossier_code"]

_FAULTS = {
    "bad_date": "Không đọc được ngày", "bad_number": "Không phải là số hợp lệ", "bad_code": "Sai cấu trúc mã",
    "not_allowed": "Không thuộc danh mục", "required_blank": "Bắt buộc nhưng đang để trống",
    "mojibake": "Chữ bị lỗi phông, lỗi bảng mã", "nested_value": "Không phải là một giá trị đơn",
    "formula_error": "Ô công thức bị lỗi", "formula_without_value": "Ô công thức chưa được tính",
    "not_a_list": "Không phải là danh sách", "not_a_row": "Không phải là một bản ghi", "cell_count": "Dòng bị lệch cột",
    "asked": "Phụ thuộc vào trường đang sai", "out_of_range": "Ngoài khoảng cho phép",
}  # fmt: skip


def column_label(path: str) -> str:
    """The name of a column, or of a cell of a nested list: `supplements[0].requested_at` is the first supplement's."""
    child, found, cell = path.partition("[")
    if not found:
        return _COLUMNS.get(path) or _CHILDREN.get(path) or path
    number, _, name = cell.partition("].")
    return f"{_CHILDREN.get(child, child)} thứ {int(number) + 1}: {_COLUMNS.get(name, name)}"


def fault_label(code: str) -> str:
    return _FAULTS.get(code, "Giá trị không hợp lệ")


def meanings(column: Column) -> Meanings:
    """Each allowed code with its Vietnamese meaning; a word that has none, such as a document type, means itself."""
    known = _MEANINGS.get(column.name, {})
    return {code: known.get(code, str(code)) for code in column.allowed}


def text_rule(column: Column) -> str:
    return _TEXTS.get(column.name, "Mã gồm chữ in hoa không dấu, chữ số, dấu chấm và gạch nối")
