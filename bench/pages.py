"""Pages of the national payload with all its nested lists, served from memory by a plain server on loopback."""

from __future__ import annotations

import json
import random
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from bench.server import serve, started
from sandbox.people import make_person

IDENTITY = "000.22.26.H23"


def write_pages(folder: Path, rows: int, size: int, seed: int = 1) -> int:
    """Writes `rows` dossiers as numbered bodies of `size` rows and returns the bytes. Equal seeds give equal bytes."""
    random_, written = random.Random(seed), 0
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(-(-rows // size)):
        data = [_row(random_, serial) for serial in range(number * size, min(rows, (number + 1) * size))]
        body = {"error_code": "0", "message": "", "TongSo": str(rows), "data": data}
        encoded = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        (folder / f"{number + 1:06d}.json").write_bytes(encoded)
        written += len(encoded)
    return written


def _row(random_: random.Random, serial: int) -> dict[str, Any]:
    day = f"2023{random_.randint(1, 12):02d}{random_.randint(1, 28):02d}"

    def at() -> str:
        return f"{day}{random_.randint(7, 16):02d}{random_.randint(0, 59):02d}{random_.randint(0, 59):02d}"

    citizen = make_person(random_)
    name, number = citizen.name, citizen.id_number
    papers = [
        {"TepDinhKemId": str(serial * 3 + part), "TenTepDinhKem": "to_khai.pdf", "IsDeleted": "0",
         "MaThanhPhanHoSo": f"TP.{part}", "DuongDanTaiTepTin": f"https://example.vn/tep/{serial * 3 + part}", "DuocSoHoa": "1",
         "DuocTaiSuDung": "0", "DuocLayTuKhoDMQG": "0", "MaKetQuaThayThe": ""}
        for part in range(random_.randint(1, 4))
    ]  # fmt: skip
    supplements = [
        {"HoSoBoSungId": str(serial), "NguoiYeuCauBoSung": name, "NoiDungBoSung": "bổ sung bản sao giấy tờ", "NgayBoSung": at(),
         "NgayTiepNhanBoSung": at(), "TrangThaiBoSung": "1", "NgayHenTraTruoc": at(), "NgayHenTraMoi": at()}
    ]  # fmt: skip
    return {
        "MaHoSo": f"{IDENTITY}-{day[2:]}-{serial:06d}", "MaTTHC": f"1.{random_.randint(1, 300):06d}",
        "TenTTHC": "Thủ tục đăng ký khai sinh có yếu tố nước ngoài", "MaLinhVuc": "HT", "TenLinhVuc": "Hộ tịch",
        "KenhThucHien": random_.choice("123"), "SoGiayToChuHoSo": number, "ChuHoSo": name, "LoaiDoiTuong": "1",
        "MaDoiTuong": "", "ThongTinKhac": "", "Email": "", "Fax": "", "SoDienThoai": "", "TrichYeuHoSo": f"Đăng ký cho {name}",
        "NgayTiepNhan": at(), "NgayHenTra": at(), "TrangThaiHoSo": random_.choice(["4", "9", "10"]), "NgayTra": at(),
        "ThongTinTra": "", "HinhThuc": random_.choice("01"), "NgayKetThucXuLy": at(), "DonViXuLy": "Ủy ban nhân dân xã",
        "GhiChu": "", "TaiLieuNop": papers,
        "DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "LP", "HinhThucThu": "1", "Gia": "8000", "LoaiPhiLePhi": "1"}],
        "DanhSachTepDinhKemKhac": [], "DanhSachHoSoBoSung": supplements if random_.random() < 0.05 else [],
        "DanhSachGiayToKetQua": [
            {"TenGiayTo": "Giấy khai sinh", "MaThanhPhanHoSo": "KQ", "GiayToId": str(serial), "MaGiayToKetQua": f"KQ.{serial}",
             "DuongDanTepTinKetQua": f"https://example.vn/kq/{serial}"}
        ],
        "NoiNopHoSo": "2", "HoSoCoThanhPhanSoHoa": random_.choice("01"), "TaiKhoanDuocXacThucVoiVNeID": "0",
        "DuocThanhToanTrucTuyen": random_.choice("0123"), "NgayTuChoi": "", "NgayNopHoSo": at(),
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": number}], "DSKetNoiCSDL": [{"MaCSDL": "7"}],
    }  # fmt: skip


def serve_pages(folder: Path, times: int = 1) -> AbstractContextManager[str]:
    """Serves the bodies as the pages `Trang=1…` of any path, in a process of its own; gives the base URL.

    With `times` they come so often, each time as dossiers of another year.
    """
    return started("bench.pages", str(folder), str(times))


def _serve(folder: Path, times: int) -> None:
    count = len(list(folder.glob("*.json")))

    def page(_: str, query: dict[str, str]) -> bytes:
        year, place = divmod(int(query["Trang"]) - 1, count)
        if year >= times:
            return b'{"error_code":"0","TongSo":"0","data":[]}'
        body = (folder / f"{place + 1:06d}.json").read_bytes()
        if times == 1:
            return body
        total = int(body[: body.index(b',"data"')].rpartition(b':"')[2][:-1])
        body = body.replace(f'"TongSo":"{total}"'.encode(), f'"TongSo":"{total * times}"'.encode(), 1)
        return body.replace(f'"MaHoSo":"{IDENTITY}-23'.encode(), f'"MaHoSo":"{IDENTITY}-{23 - year}'.encode())

    serve(page)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
