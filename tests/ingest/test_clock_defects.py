"""What OpenCPS and the national sync get wrong in single fields, and our profiles do not."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.profile import load_exports
from tests.ingest.landings import map_row
from tests.ingest.opencps import AGENCY, dossier
from tests.ingest.test_mapping import mapped

OPENCPS = load_exports("opencps")["portal_dossiers"]


def opencps(**changes: Any) -> dict[str, Any]:
    values, faults = map_row(OPENCPS.map, dossier(1) | changes, {"agency": AGENCY})
    assert faults == []
    return values


def test_a_date_in_extend_date_makes_nothing_early():
    """OpenCPS stores `now` in extendDate when work ends and then calls the dossier early ("betimes")."""
    done = {"dossierStatus": "done", "releaseDate": "20230310170000", "finishDate": "20230310170500"}
    assert opencps(**done, extendDate="20230309080000") == opencps(**done, extendDate="")


@pytest.mark.parametrize(
    ("method", "online"), [("KEYPAY", True), ("KeyPayDVCQG", True), ("tien-mat", False), ("", False)]
)
def test_cash_is_not_paid_online(method: str, online: bool):
    """The national sync filters by "Đã thanh toán" alone and sends cash as paid online; the provincial rows name the method."""
    paid = [{"feeAmount": 8000, "paymentStatus": 2, "paymentMethod": method, "confirmDatetime": "05/03/2023 09:00:00"}]
    assert opencps(paymentFiles=paid)["paid_online"] is online


@pytest.mark.parametrize(("code", "online"), [("0", False), ("1", True), ("2", True), ("3", False), ("", None)])
def test_only_the_two_gateways_of_the_national_payload_are_paid_online(code: str, online: bool | None):
    values, faults = mapped(DuocThanhToanTrucTuyen=code)
    assert (values["paid_online"], faults) == (online, [])


@pytest.mark.parametrize(("code", "digitised"), [("0", False), ("1", True), ("", None)])
def test_attachments_that_are_all_marked_digitised_digitise_no_dossier(code: str, digitised: bool | None):
    """The national sync writes DuocSoHoa = '1' for every attachment, whatever it is."""
    values, faults = mapped(HoSoCoThanhPhanSoHoa=code, TaiLieuNop=[{"DuocSoHoa": "1"}, {"DuocSoHoa": "1"}])
    assert (values["input_digitised"], faults) == (digitised, [])


def test_what_the_national_sync_makes_up_is_not_read():
    """VNeID is always '0', MaCSDL always '7', and a missing identity number becomes 000000001 of type 2."""
    made_up = {"TaiKhoanDuocXacThucVoiVNeID": "0", "DSKetNoiCSDL": [{"MaCSDL": "7"}],
               "DinhDanhCHS": [{"LoaiDinhDanh": "2", "SoDinhDanh": "000000001"}]}  # fmt: skip
    assert mapped(**made_up) == mapped(TaiKhoanDuocXacThucVoiVNeID="1", DSKetNoiCSDL=[], DinhDanhCHS=[])


def test_a_document_of_the_applicant_without_a_code_is_no_electronic_result():
    """Where there is no result file the national sync sends the first submitted one as the result."""
    values, faults = mapped(
        DanhSachGiayToKetQua=[{"MaGiayToKetQua": "", "DuongDanTepTinKetQua": "https://portal.example/1"}]
    )
    assert (values["result_electronic"], faults) == (False, [])
