"""How the sources spell their records: the national portal's payload, edXML header fields, the certificate register.

Every value of the portal is a string, dates `yyyyMMddHHmmss`; the DMS writes `yyyy/MM/dd HH:mm:ss`, the register
`yyyy-MM-dd HH:mm:ss`. All local time.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sandbox.agencies import Agency
from sandbox.catalogue import FIELDS, Procedure
from sandbox.documents import TYPES, Certificate, Document, Signature
from sandbox.lives import POSTAL, Dossier

Row = dict[str, Any]


def encode(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def compact(at: datetime | None) -> str:
    """yyyyMMddHHmmss, or an empty text. (An f-string is several times faster than strftime.)"""
    if at is None:
        return ""
    return f"{at.year}{at.month:02d}{at.day:02d}{at.hour:02d}{at.minute:02d}{at.second:02d}"


def slashed(at: datetime | None) -> str:
    return f"{at:%Y/%m/%d %H:%M:%S}" if at else ""


def dashed(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def status(dossier: Dossier) -> str:
    """TrangThaiHoSo of the life as far as it is known: open ones are in work (4) or wait for papers (5)."""
    if dossier.ending == "":
        waiting = any(s.answered is None for s in dossier.supplements)
        return "1" if dossier.received is None else "5" if waiting else "4"
    return {"refused": "3", "withdrawn": "7"}.get(dossier.ending) or ("10" if dossier.returned else "9")


def dossier_row(dossier: Dossier, agency: Agency, officers: list[str]) -> Row:
    """HoSoDongBoDVC, all its fields. A digitised result has a link, an electronic one a code as well."""
    person, procedure, code = dossier.person, dossier.procedure, dossier.code
    state = status(dossier)
    serial = code[-11:]
    done = state in ("9", "10")
    paid = ("1" if dossier.person.phone < "0120500000" else "2") if dossier.paid_online else "3" if dossier.fee else "0"
    return {
        "MaHoSo": code,
        "MaTTHC": procedure.code,
        "TenTTHC": procedure.name,
        "MaLinhVuc": procedure.field,
        "TenLinhVuc": FIELDS[procedure.field],
        "KenhThucHien": dossier.channel,
        "SoGiayToChuHoSo": person.id_number,
        "ChuHoSo": person.name,
        "LoaiDoiTuong": dossier.applicant,
        "MaDoiTuong": "",
        "ThongTinKhac": f"Địa chỉ: {person.address}, xã {agency.name}",
        "Email": person.email,
        "Fax": "",
        "SoDienThoai": person.phone,
        "TrichYeuHoSo": f"{procedure.name} cho {person.name}",
        "NgayTiepNhan": compact(dossier.received),
        "NgayHenTra": compact(dossier.due),
        "TrangThaiHoSo": state,
        "NgayTra": compact(dossier.returned),
        "ThongTinTra": f"Trả cho {person.name}" if dossier.returned else "",
        "HinhThuc": "1" if dossier.post_back or dossier.channel == POSTAL else "0",
        "NgayKetThucXuLy": compact(dossier.ended) if dossier.ending in ("finished", "withdrawn") else "",
        "DonViXuLy": f"UBND xã {agency.name}",
        "GhiChu": "",
        "TaiLieuNop": [
            {
                "TepDinhKemId": f"T{serial}",
                "TenTepDinhKem": f"Tờ khai {person.name}.pdf",
                "IsDeleted": "0",
                "MaThanhPhanHoSo": f"{procedure.code}-01",
                "DuongDanTaiTepTin": f"https://portal.example/tep/{person.id_number}/{serial}",
                "DuocSoHoa": "1" if dossier.input_digitised else "0",
                "DuocTaiSuDung": "1" if dossier.reused else "0",
                "DuocLayTuKhoDMQG": "0",
                "MaKetQuaThayThe": "",
            }
        ],
        "DanhSachLePhi": [
            {
                "TenPhiLePhi": "Phí, lệ phí",
                "MaPhiLePhi": f"PLP-{procedure.code}",
                "HinhThucThu": "1",
                "Gia": str(dossier.fee),
                "LoaiPhiLePhi": "1",
            }
        ]
        if procedure.fee
        else [],
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": [
            {
                "HoSoBoSungId": f"BS{serial}-{n}",
                "NguoiYeuCauBoSung": officers[n % len(officers)],
                "NoiDungBoSung": f"Đề nghị {person.name} bổ sung giấy tờ",
                "NgayBoSung": compact(s.requested),
                "NgayTiepNhanBoSung": compact(s.answered),
                "TrangThaiBoSung": "1" if s.answered else "0",
                "NgayHenTraTruoc": compact(s.old_due),
                "NgayHenTraMoi": compact(s.new_due),
            }
            for n, s in enumerate(dossier.supplements, 1)
        ],
        "DanhSachGiayToKetQua": [
            {
                "TenGiayTo": procedure.name,
                "MaThanhPhanHoSo": f"{procedure.code}-KQ",
                "GiayToId": f"KQ{serial}",
                "DuongDanTepTinKetQua": f"https://portal.example/ket-qua/{serial}" if dossier.result != "paper" else "",
                "MaGiayToKetQua": f"KQ.{code}" if dossier.result == "electronic" else "",
            }
        ]
        if done
        else [],
        "NoiNopHoSo": "2",
        "HoSoCoThanhPhanSoHoa": "1" if dossier.input_digitised else "0",
        "TaiKhoanDuocXacThucVoiVNeID": "0",
        "DuocThanhToanTrucTuyen": paid,
        "NgayTuChoi": compact(dossier.ended) if dossier.ending == "refused" else "",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": person.id_number}],
        "NgayNopHoSo": compact(dossier.submitted),
        "DSKetNoiCSDL": [{"MaCSDL": "7"}],
    }


def procedure_row(procedure: Procedure) -> Row:
    """A row of LayDanhSachTTHC."""
    return {
        "MaTTHC": procedure.code,
        "TenTTHC": procedure.name,
        "MaLinhVuc": procedure.field,
        "TenLinhVuc": FIELDS[procedure.field],
        "MucDo": procedure.level,
        "CoLePhi": "1" if procedure.fee else "0",
        "LaHoSoChungThuc": "1" if procedure.e_certification else "0",
        "NgayHieuLuc": f"{procedure.valid_from:%Y%m%d}",
        "NgayHetHieuLuc": f"{procedure.valid_to:%Y%m%d}" if procedure.valid_to else "",
    }


def _organisation(identity: str, name: str, mail: str) -> Row:
    return {
        "OrganId": identity,
        "OrganizationInCharge": "",
        "OrganName": name,
        "OrganAdd": "",
        "Email": mail,
        "Telephone": "",
        "Fax": "",
        "Website": "",
    }


def document_row(document: Document) -> Row:
    """The edXML message header of one record, and the DMS's own fields. Only SecretLevel can be missing."""
    kind = TYPES[document.kind][0]
    row: Row = {
        "DocumentId": document.document_id,
        "From": _organisation(document.sender, document.sender_name, document.signer.email),
        "To": _organisation(document.receiver, document.receiver_name, ""),
        "Code": {"CodeNumber": str(document.number), "CodeNotation": document.notation},
        "PromulgationInfo": {"Place": "", "PromulgationDate": f"{document.issued:%Y/%m/%d}"},
        "DocumentType": {"Type": str(document.kind + 1), "TypeName": kind, "TypeDetail": ""},
        "Subject": document.subject,
        "Content": document.subject,
        "SignerInfo": {"Competence": "TM. ỦY BAN NHÂN DÂN", "Position": "Chủ tịch", "FullName": document.signer.name},
        "DueDate": "",
        "ToPlaces": [],
        "OtherInfo": {"Priority": "0", "PromulgationAmount": "1", "PageAmount": "2"},
        "ResponseFor": {"OrganId": "", "Code": "", "DocumentId": "", "PromulgationDate": ""},
        "SteeringType": "1",
        "Direction": document.direction,
        "SecretLevel": document.secrecy,
        "ExchangeForm": document.form,
        "StatusCode": document.status,
        "ReceivedAt": slashed(document.received),
        "SentAt": slashed(document.sent),
        "ProcessedOnline": "1" if document.processed_online else "0",
        "IsSigned": "1" if document.signed else "0",
        "PublishedOnWeb": "1" if document.on_web else "0",
        "MaHoSo": document.dossier_code,
    }
    if document.secrecy == "" and document.number % 2:
        del row["SecretLevel"]
    return row


def certificate_row(certificate: Certificate) -> Row:
    holder = certificate.holder
    return {
        "SerialNumber": certificate.serial,
        "OrganId": certificate.agency.identity,
        "HolderType": "TC" if holder is None else "CN",
        "HolderRole": certificate.role,
        "HolderName": certificate.holder_name,
        "HolderIdNumber": holder.id_number if holder else "",
        "Email": holder.email if holder else f"vanthu@{certificate.agency.mail}",
        "NotBefore": certificate.not_before.isoformat(),
        "NotAfter": certificate.not_after.isoformat(),
        "RevokedAt": dashed(certificate.revoked),
    }


def signature_row(signature: Signature) -> Row:
    return {
        "SignatureId": signature.signature_id,
        "SerialNumber": signature.serial,
        "DocumentId": signature.document_id,
        "MaHoSo": signature.dossier_code,
        "SignedAt": dashed(signature.signed_at),
        "Verification": signature.verification,
        "SignerName": signature.signer,
    }


def valid_in(certificate: Certificate, first: date, end: date) -> bool:
    """Valid at any time of [first, end)."""
    if certificate.not_before >= end or certificate.not_after < first:
        return False
    return certificate.revoked is None or certificate.revoked.date() >= first
