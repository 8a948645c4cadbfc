"""A month of the large province as its sources' JSON pages, and a server on loopback that gives them out.

`python -m bench.served FOLDER` serves FOLDER/<export>/NNNNNN.json as the pages of `/<export>`.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml

from bench import server
from ingest.profile import SHIPPED

SIZE = 2_000
EXPORTS = {
    "portal_dossiers": "dossiers",
    "portal_procedures": "procedures",
    "dms_documents": "documents",
    "ca_certificates": "certificates",
    "ca_signatures": "signatures",
}
_PROFILES = ("dvcqg", "qcvn102_dms", "ca_register")
_STEPS = {
    "list": "QuaTrinhXuLy",
    "fields": {
        "step": {"path": "TrangThai"},
        "started_at": {"path": "NgayBatDau", "format": "yyyyMMddHHmmss"},
        "finished_at": {"path": "ThoiDiemXuLy", "format": "yyyyMMddHHmmss"},
        "due_at": {"path": "NgayKetThucTheoQuyDinh", "format": "yyyyMMddHHmmss"},
    },
}


def write_profiles(folder: Path) -> str:
    """The shipped profiles, each export asked for once and not agency by agency; the value of CCHC_PROFILES."""
    paths = []
    for name in _PROFILES:
        profile = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
        for export, asked in profile["exports"].items():
            asked.pop("for_each", None)
            asked |= {"endpoint": f"/{export}", "params": {}, "rows": "data", "total": "total"}
            asked["paging"] = {"style": "page_number", "position": "page", "size_param": "size", "size": SIZE}
            asked.pop("success", None)
            if profile["source"] == "portal":
                asked["fields"]["agency_code"] = {"path": "MaDinhDanhDV"}
        if name == "dvcqg":
            dossiers = profile["exports"]["portal_dossiers"]
            dossiers["fields"]["updated_at"] = {"path": "NgayCapNhat", "format": "yyyyMMddHHmmss"}
            dossiers["children"]["steps"] = _STEPS
        paths.append(folder / f"bench_{name}.yaml")
        paths[-1].write_text(yaml.safe_dump(profile, allow_unicode=True), encoding="utf-8")
    return ",".join(map(str, paths))


def write_pages(folder: Path, rows: dict[str, pa.Table]) -> int:
    """Writes the pages of every export and returns their bytes."""
    written = 0
    for export, entity in EXPORTS.items():
        target = folder / export
        target.mkdir(parents=True)
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
            connection.execute("create macro moment(instant) as coalesce(strftime(instant, '%Y%m%d%H%M%S'), '')")
            connection.execute("create macro code(value, codes) as coalesce(codes[value], '')")
            connection.register("rows_of_it", rows[entity])
            found = connection.execute(_PAYLOADS[entity])
            total, number = len(rows[entity]), 0
            while page := found.fetchmany(SIZE):
                number += 1
                body = f'{{"total":{total},"data":[{",".join(text for (text,) in page)}]}}'.encode()
                (target / f"{number:06d}.json").write_bytes(body)
                written += len(body)
    return written


_PAYLOADS = {
    "dossiers": """
        select to_json({
            'MaHoSo': dossier_code, 'MaDinhDanhDV': agency_code, 'MaTTHC': procedure_code, 'MaLinhVuc': '',
            'TenTTHC': 'Thủ tục thử nghiệm',
            'KenhThucHien': code(channel, map {'in_person': '1', 'online': '2', 'postal': '3'}),
            'SoGiayToChuHoSo': '099000000000', 'ChuHoSo': 'Nguyễn Thị Hương', 'SoDienThoai': '0900000000',
            'TrichYeuHoSo': 'Đề nghị giải quyết', 'LoaiDoiTuong': code(applicant_type, map {'citizen': '1', 'business': '2'}),
            'NgayNopHoSo': moment(submitted_at), 'NgayTiepNhan': moment(received_at), 'NgayHenTra': moment(due_at),
            'NgayKetThucXuLy': moment(coalesce(finished_at, withdrawn_at)), 'NgayTra': moment(returned_at),
            'NgayTuChoi': moment(refused_at), 'TrangThaiHoSo': status::varchar, 'NgayCapNhat': moment(updated_at),
            'HinhThuc': code(return_method, map {'in_person': '0', 'postal': '1'}),
            'HoSoCoThanhPhanSoHoa': case when input_digitised then '1' else '0' end,
            'DuocThanhToanTrucTuyen': case when paid_online then '1' else '0' end,
            'TaiLieuNop': [{'TepDinhKemId': '1', 'DuongDanTaiTepTin': 'https://example.vn/tep/1', 'DuocSoHoa': '1',
                'DuocTaiSuDung': case when data_reused then '1' else '0' end}],
            'DanhSachLePhi': [{'TenPhiLePhi': 'Lệ phí', 'Gia': fee_vnd::varchar}],
            'DanhSachGiayToKetQua': [{'TenGiayTo': 'Kết quả', 'MaGiayToKetQua': case when result_electronic then 'KQ' else '' end,
                'DuongDanTepTinKetQua': case when result_digitised then 'https://example.vn/kq/1' else '' end}],
            'DanhSachHoSoBoSung': list_transform(supplements, lambda s: {
                'NgayBoSung': moment(s.requested_at), 'NgayTiepNhanBoSung': moment(s.answered_at),
                'NgayHenTraTruoc': moment(s.old_due_at), 'NgayHenTraMoi': moment(s.new_due_at)}),
            'QuaTrinhXuLy': list_transform(steps, lambda s: {'TrangThai': s.step::varchar, 'NgayBatDau': moment(s.started_at),
                'ThoiDiemXuLy': moment(s.finished_at), 'NgayKetThucTheoQuyDinh': moment(s.due_at)})
        })::varchar from rows_of_it""",
    "procedures": """
        select to_json({
            'MaTTHC': procedure_code, 'MaDinhDanhDV': agency_code, 'MaLinhVuc': field_code, 'TenLinhVuc': field_name,
            'MucDo': code(service_level, map {'full': '4', 'partial': '3', 'information': '2'}),
            'CoLePhi': case when has_fee then '1' else '0' end,
            'LaHoSoChungThuc': case when is_e_certification then '1' else '0' end,
            'NgayHieuLuc': strftime(valid_from, '%Y%m%d'), 'NgayHetHieuLuc': ''
        })::varchar from rows_of_it""",
    "documents": """
        select to_json({
            'DocumentId': document_id, 'Direction': case direction when 'outgoing' then 'DI' else 'DEN' end, 'SecretLevel': '0',
            'From': {'OrganId': agency_code}, 'To': {'OrganId': agency_code}, 'DocumentType': {'TypeName': document_type},
            'PromulgationInfo': {'PromulgationDate': strftime(issued_date, '%Y/%m/%d')}, 'Subject': 'Về việc thử nghiệm',
            'ReceivedAt': coalesce(strftime(received_at, '%Y/%m/%d %H:%M:%S'), ''),
            'SentAt': coalesce(strftime(sent_at, '%Y/%m/%d %H:%M:%S'), ''),
            'ExchangeForm': code(exchange_form, map {'electronic': '1', 'electronic_and_paper': '2', 'paper': '3'}),
            'StatusCode': coalesce(exchange_status, ''),
            'ProcessedOnline': case processed_online when true then '1' when false then '0' else '' end,
            'IsSigned': case is_signed when true then '1' when false then '0' else '' end,
            'PublishedOnWeb': case when published_on_web then '1' else '0' end, 'MaHoSo': ''
        })::varchar from rows_of_it""",
    "certificates": """
        select to_json({
            'SerialNumber': serial, 'OrganId': agency_code, 'HolderName': 'Nguyễn Thị Hương',
            'HolderType': code(holder_type, map {'person': 'CN', 'organisation': 'TC'}),
            'HolderRole': code(holder_role, map {'leader': 'LD', 'staff': 'CC', 'organisation': 'TC'}),
            'NotBefore': strftime(valid_from, '%Y-%m-%d'), 'NotAfter': strftime(valid_to, '%Y-%m-%d'), 'RevokedAt': ''
        })::varchar from rows_of_it""",
    "signatures": """
        select to_json({
            'SignatureId': signature_id, 'DocumentId': document_id, 'MaHoSo': '', 'SerialNumber': serial,
            'SignedAt': strftime(signed_at, '%Y-%m-%d %H:%M:%S'), 'Verification': 'VALID'
        })::varchar from rows_of_it""",
}  # fmt: skip


def serve(folder: Path) -> AbstractContextManager[str]:
    """Serves the pages below `folder` in a process of its own; gives the base URL of every source."""
    return server.started("bench.served", str(folder))


def _page(folder: Path, path: str, query: dict[str, str]) -> bytes:
    page = folder / path.strip("/") / f"{int(query['page']):06d}.json"
    return page.read_bytes() if page.exists() else b'{"total":0,"data":[]}'


if __name__ == "__main__":
    server.serve(partial(_page, Path(sys.argv[1])))
