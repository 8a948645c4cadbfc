"""Faults that never reach the gate: what the source sends is turned away when it is landed, over real HTTP on loopback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cchc.period import Period
from cchc.settings import Settings
from ingest.errors import SourceError
from ingest.landing import land
from ingest.store import Store
from sandbox.faults import EmptyExport, Fault, FieldRenamed, Row, RowsVanish, TotalDisagrees, TypeChanged
from sandbox.province import Question
from sandbox.server import SECRETS, serve
from sandbox.volume import volume_province, write_agencies

MONTH = Period(2025, 4)
_BEFORE = (Period(2025, 1), Period(2025, 2), Period(2025, 3))
_COMMUNES, _DOSSIERS = 2, 160


@dataclass(frozen=True)
class Changed(Fault):
    """The first row of an export is another; of documents the first that is not secret."""

    of: str
    change: Callable[[Row], object]

    def spoil(self, question: Question, rows: list[Row]) -> list[Row]:
        place = next((n for n, row in enumerate(rows) if row.get("SecretLevel", "0") == "0"), None)
        if place is not None:
            rows[place] = self.change(rows[place])  # type: ignore[assignment]
        return rows


@dataclass(frozen=True)
class Rejected:
    """A fault and how it was turned away: codes of rejects, `withheld`, or the error of the read; blank when it was not."""

    fault: str
    story: str
    outcome: str

    @property
    def caught(self) -> bool:
        return bool(self.outcome)


def _set(**values: object) -> Callable[[Row], object]:
    return lambda row: row | values


def _shifted(row: Row) -> object:
    names, values = list(row), list(row.values())
    return dict(zip(names, [values[-1], *values[:-1]], strict=True))


def _fee(amount: str) -> Callable[[Row], object]:
    return lambda row: row | {"DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "Gia": amount}]}


def _supplement(day: str) -> Callable[[Row], object]:
    return lambda row: row | {"DanhSachHoSoBoSung": [{"NgayBoSung": day, "NgayTiepNhanBoSung": "", "NgayHenTraTruoc": "",
                                                       "NgayHenTraMoi": ""}]}  # fmt: skip


_PORTAL, _LIST, _DMS, _CERTIFICATES, _SIGNATURES = (
    "portal_dossiers", "portal_procedures", "dms_documents", "ca_certificates", "ca_signatures"
)  # fmt: skip
_ROWS: tuple[tuple[str, str, str, Callable[[Row], object]], ...] = (
    ("impossible_date", "30 February", _PORTAL, _set(NgayTiepNhan="20250230080000")),
    ("date_of_another_format", "day first, with slashes", _PORTAL, _set(NgayHenTra="31/03/2025 17:00:00")),
    ("no_code", "a dossier without a code", _PORTAL, _set(MaHoSo="")),
    ("unknown_status", "a status of no code list", _PORTAL, _set(TrangThaiHoSo="99")),
    ("unknown_channel", "a channel of no code list", _PORTAL, _set(KenhThucHien="9")),
    ("name_in_dossier_code", "a person's name where the code belongs", _PORTAL, _set(MaHoSo="Nguyễn Thị Hương")),
    ("telephone_in_procedure_code", "a telephone number where the procedure belongs", _PORTAL, _set(MaTTHC="0912345678")),
    ("identity_number_in_dossier_code", "an identity number where the code belongs", _PORTAL, _set(MaHoSo="099123456789")),
    ("name_in_field_code", "a person's name in the field's code", _PORTAL, _set(MaLinhVuc="NGUYENTHIHUONG")),
    ("absurd_fee", "a fee of a billion", _PORTAL, _fee("999999999999")),
    ("fee_in_words", "a fee that is no number", _PORTAL, _fee("tám nghìn")),
    ("negative_fee", "a fee below zero", _PORTAL, _fee("-8000")),
    ("supplement_without_date", "a request for papers with a broken date", _PORTAL, _supplement("hôm qua")),
    ("fields_shifted", "every value one column further", _PORTAL, _shifted),
    ("no_row_at_all", "a text instead of a row", _PORTAL, lambda row: "không có dữ liệu"),
    ("list_for_a_value", "a list where a text belongs", _PORTAL, _set(MaHoSo=["a", "b"])),
    ("damaged_encoding_in_code", "UTF-8 read as Latin-1 in a code", _PORTAL, _set(MaHoSo="HỒ-SÆ¡-0001")),
    ("damaged_encoding_in_field_name", "UTF-8 read as Latin-1 in a field's name", _LIST, _set(TenLinhVuc="Há»™ tá»‹ch")),
    ("lost_letters_in_field_name", "letters that became question marks", _LIST, _set(TenLinhVuc="H? t?ch 1")),
    ("unknown_direction", "a document neither in nor out", _DMS, _set(Direction="?")),
    ("secret_document", "a secret document", _DMS, _set(SecretLevel="2")),
    ("secrecy_unknown", "a document whose secrecy is not said", _DMS, _set(SecretLevel="")),
    ("secrecy_misspelt", "a document with a secrecy level of no list", _DMS, _set(SecretLevel="Thường")),
    ("name_in_document_id", "a person's name where the number belongs", _DMS, _set(DocumentId="Nguyen Van Nam")),
    ("unknown_holder", "a certificate of neither person nor office", _CERTIFICATES, _set(HolderType="XX")),
    ("certificate_without_end", "a certificate without its last day", _CERTIFICATES, _set(NotAfter="")),
    ("name_in_serial", "a person's name where the serial belongs", _CERTIFICATES, _set(SerialNumber="LE VAN BACH")),
    ("unknown_verification", "a signature that is neither valid nor not", _SIGNATURES, _set(Verification="OK")),
)  # fmt: skip
_READS: tuple[tuple[str, str, Fault], ...] = (
    ("page_lost", "one row fewer than the source says it has", TotalDisagrees("", str(MONTH))),
    ("source_empty", "no row of any agency", EmptyExport("", str(MONTH))),
    ("half_the_rows", "half the rows, and a total that agrees", RowsVanish("", str(MONTH))),
    ("field_renamed", "a field under another name", FieldRenamed("", str(MONTH))),
    ("type_changed", "dates as milliseconds", TypeChanged("", str(MONTH))),
)


def landed(home: Path) -> list[Rejected]:
    """Lands a month of a small province with one fault after the other."""
    province = volume_province(_COMMUNES, _DOSSIERS, 7, str(_BEFORE[0]))
    home.mkdir(parents=True)
    write_agencies(home / "agencies.csv", province)
    found = []
    with serve(province) as urls:
        settings = Settings(
            home=home, provinces="99", source_urls={name: urls[name] for name in ("portal", "dms", "ca")}
        )
        for period in _BEFORE:  # what a loss is seen against
            land(_PORTAL, period, settings, SECRETS.__getitem__)
        # There are secret documents in a clean month, too.
        secret = land(_DMS, MONTH, settings, SECRETS.__getitem__).withheld
        for name, story, export, change in _ROWS:
            fault = province.poison(Changed("", str(MONTH), export, change))
            found.append(Rejected(name, story, _outcome(export, settings, secret)))
            province.repair(fault)
        for name, story, fault in _READS:
            province.poison(fault)
            found.append(Rejected(name, story, _outcome(_PORTAL, settings, secret)))
            province.repair(fault)
    return found


def _outcome(export: str, settings: Settings, secret: int) -> str:
    """How a read was turned away, in whole or in part; `secret` documents are withheld of a clean one."""
    try:
        receipt = land(export, MONTH, settings, SECRETS.__getitem__)
    except SourceError as error:
        return type(error).__name__
    if receipt.rejected:
        rejects = Store(settings.raw).rejects(export, MONTH, receipt.batch_id or "")
        return ", ".join(sorted(set(rejects.column("code").to_pylist())))
    return "withheld" if export == _DMS and receipt.withheld > secret else ""
