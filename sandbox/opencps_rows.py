"""How OpenCPS v2 spells a dossier and a procedure: its own field names, words for statuses, two date formats in one row.

submitDate, receiveDate, createDate, modifiedDate, cancellingDate are `dd/MM/yyyy HH:mm:ss`; dueDate, releaseDate and
finishDate `yyyyMMddHHmmss`; a missing date is an empty text. All local time. Numbers and booleans are JSON's own.
"""

from __future__ import annotations

import json
import uuid
import zlib
from datetime import datetime
from typing import Any

from sandbox.agencies import Agency
from sandbox.catalogue import FIELDS, Procedure
from sandbox.lives import IN_PERSON, ONLINE, POSTAL, Dossier, last_event
from sandbox.payloads import compact, status

Row = dict[str, Any]
GROUP_ID = 35166
INTERLINKED = "2.000986"  # worked on together with other offices
_ENDED = {"3": ("denied", "denied_0"), "7": ("cancelled", "cancelled_0"), "9": ("releasing", "releasing_0"),
          "10": ("done", "done_0")}  # fmt: skip
_TEXTS = {
    "receiving": "Chờ tiếp nhận", "processing": "Đang xử lý", "interoperating": "Đang liên thông",
    "posting": "Chuyển qua bưu chính", "waiting": "Chờ bổ sung", "denied": "Từ chối tiếp nhận", "cancelled": "Đã hủy",
    "releasing": "Chờ trả kết quả", "done": "Đã trả kết quả",
}  # fmt: skip


def day_first(at: datetime | None) -> str:
    """dd/MM/yyyy HH:mm:ss, or an empty text."""
    return f"{at:%d/%m/%Y %H:%M:%S}" if at else ""


def words(dossier: Dossier) -> tuple[str, str]:
    """dossierStatus and dossierSubStatus. What is in work elsewhere is interoperating or posting, still in work."""
    state = status(dossier)
    if state in _ENDED:
        return _ENDED[state]
    if state == "4":
        if dossier.procedure.code == INTERLINKED:
            return "interoperating", "interoperating_1"
        by_post = dossier.post_back or dossier.channel == POSTAL
        return ("posting", "posting_1") if by_post else ("processing", "processing_2")
    return ("receiving", "receiving_0") if state == "1" else ("waiting", "waiting_1")


def dossier_row(dossier: Dossier, agency: Agency, officers: list[str]) -> Row:
    """A row of the dossier list with its files, payments and requests for papers."""
    person, procedure, code = dossier.person, dossier.procedure, dossier.code
    word, sub = words(dossier)
    over = dossier.ending != ""
    created = dossier.registered or dossier.submitted
    address = f"{person.address}, xã {agency.name}"
    return {
        "dossierId": zlib.crc32(code.encode()),
        "groupId": GROUP_ID,
        "referenceUid": str(uuid.uuid5(uuid.NAMESPACE_OID, code)),
        "createDate": day_first(created),
        "modifiedDate": day_first(last_event(dossier)),
        "dossierNo": code,
        "dossierName": f"{procedure.name} - {person.name}",
        "serviceCode": procedure.code,
        "serviceName": procedure.name,
        "serviceLevel": int(procedure.level),
        "domainCode": procedure.field,
        "domainName": FIELDS[procedure.field],
        "govAgencyCode": agency.identity,
        "govAgencyName": f"UBND xã {agency.name}",
        "applicantName": person.name,
        "applicantIdType": "citizen" if dossier.applicant == "1" else "business",
        "applicantIdNo": person.id_number,
        "applicantIdDate": "",
        "address": address,
        "contactName": person.name,
        "contactTelNo": person.phone,
        "contactEmail": person.email,
        "delegateName": person.name,
        "delegateIdNo": person.id_number,
        "delegateTelNo": person.phone,
        "delegateEmail": person.email,
        "applicantNote": f"Liên hệ {person.name}, {person.phone}",
        "metaData": json.dumps({"chuHoSo": person.name, "diaChi": address}, ensure_ascii=False),
        "submitDate": day_first(dossier.submitted),
        "receiveDate": day_first(dossier.received),
        "dueDate": compact(dossier.due),
        "extendDate": compact(dossier.ended) if _early(dossier) else "",
        "releaseDate": compact(dossier.ended) if over else "",
        "finishDate": compact(dossier.returned),
        "cancellingDate": day_first(dossier.ended) if dossier.ending == "withdrawn" else "",
        "dossierStatus": word,
        "dossierStatusText": _TEXTS[word],
        "dossierSubStatus": sub,
        "lockState": "PAUSE" if word == "waiting" else "",
        "durationCount": float(procedure.days[1]),
        "durationUnit": 0,
        "online": dossier.channel == ONLINE,
        "viaPostal": 2 if dossier.post_back or dossier.channel == POSTAL else 0,
        "fromViaPostal": 1 if dossier.channel == POSTAL else 0,
        "originality": 3 if dossier.channel in (IN_PERSON, POSTAL) else 1,
        "originDossierNo": "",
        "dossierFiles": _files(dossier),
        "paymentFiles": _payments(dossier),
        "supplementaries": [
            {
                "supplementaryId": number,
                "sendUser": officers[number % len(officers)],
                "sendComment": f"Đề nghị {person.name} bổ sung giấy tờ",
                "sendDate": day_first(s.requested),
                "receivedDate": day_first(s.answered),
                "isReceived": s.answered is not None,
                "oldDateAppointed": compact(s.old_due),
                "newDateAppointed": compact(s.new_due),
            }
            for number, s in enumerate(dossier.supplements, 1)
        ],
    }


def _early(dossier: Dossier) -> bool:
    """OpenCPS keeps in `extendDate` when work ended before its time; it extends nothing."""
    ended, due = dossier.ended, dossier.due
    return dossier.ending == "finished" and ended is not None and due is not None and ended.date() < due.date()


def _files(dossier: Dossier) -> list[Row]:
    """Part 1 is what was handed in, part 2 the result. On paper there is no stored file; an electronic result has a code."""
    number = zlib.crc32(dossier.code.encode())
    files: list[Row] = [
        {
            "dossierPartType": 1,
            "dossierPartNo": "TP01",
            "displayName": f"Tờ khai {dossier.person.name}.pdf",
            "fileEntryId": number + 1 if dossier.input_digitised else None,
            "deliverableCode": "",
            "original": True,
        }
    ]
    if status(dossier) in ("9", "10"):
        electronic = dossier.result == "electronic"
        files.append(
            {
                "dossierPartType": 2,
                "dossierPartNo": "KQ01",
                "displayName": dossier.procedure.name,
                "fileEntryId": number + 2 if dossier.result != "paper" else None,
                "deliverableCode": f"KQ.{dossier.code}" if electronic else "",
                "original": True,
            }
        )
    return files


def _payments(dossier: Dossier) -> list[Row]:
    if not dossier.procedure.fee:
        return []
    gate = "KeyPayDVCQG" if dossier.person.phone < "0120500000" else "KEYPAY"
    paid = dossier.received if dossier.fee else None
    return [
        {
            "paymentFee": "Phí, lệ phí",
            "feeAmount": dossier.fee,
            "serviceAmount": 0,
            "shipAmount": 0,
            "paymentAmount": dossier.fee,
            "paymentStatus": 5 if paid else 0,
            "paymentMethod": gate if dossier.paid_online else "",
            "confirmDatetime": day_first(paid),
        }
    ]


def procedure_row(procedure: Procedure, agency: Agency) -> Row:
    """A row of the service list: OpenCPS keeps no dates of validity, and the fee as free text."""
    fee = f"{procedure.fee:,} đồng".replace(",", ".") if procedure.fee else "Không"
    return {
        "serviceInfoId": zlib.crc32(procedure.code.encode()),
        "serviceCode": procedure.code,
        "serviceName": procedure.name,
        "domainCode": procedure.field,
        "domainName": FIELDS[procedure.field],
        "administrationCode": agency.identity,
        "administrationName": f"UBND xã {agency.name}",
        "maxLevel": int(procedure.level),
        "durationText": f"{procedure.days[1]} ngày làm việc",
        "feeText": fee,
        "public": True,
    }
