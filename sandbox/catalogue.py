"""The procedure catalogue that the portal serves: codes, fields, online level, fee, and how long a case may take.

The procedures named one by one are the ones citizens use; the rest fills each commune's list to its printed or
assumed length. Codes look like the national ones but are stand-ins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

FULL, PARTIAL, INFORMATION = "4", "3", "2"
FIELDS = {
    "TP-CT": "Chứng thực",
    "TP-HT": "Hộ tịch",
    "LD-BTXH": "Bảo trợ xã hội",
    "LD-NCC": "Người có công",
    "TT-XLD": "Xử lý đơn thư",
    "TN-DD": "Đất đai",
    "VH-VHCS": "Văn hóa cơ sở",
    "NV-TG": "Tín ngưỡng, tôn giáo",
    "NV-TDKT": "Thi đua, khen thưởng",
    "GD-GDMN": "Giáo dục mầm non",
    "TP-PBGDPL": "Phổ biến giáo dục pháp luật",
    "TP-NCN": "Nuôi con nuôi",
    "NN-PCTT": "Phòng, chống thiên tai",
    "NN-NTM": "Phát triển nông thôn",
    "TN-MT": "Môi trường",
    "XD-QH": "Quy hoạch xây dựng",
    "QP-NVQS": "Nghĩa vụ quân sự",
    "YT-DS": "Dân số",
}


@dataclass(frozen=True, slots=True)
class Procedure:
    """One procedure. `days` is the least and most working days until the due date; `fee` in VND."""

    code: str
    name: str
    field: str
    level: str
    fee: int
    days: tuple[int, int]
    weight: int = 0
    e_certification: bool = False
    valid_from: date = date(2019, 1, 1)
    valid_to: date | None = None


E_CERTIFICATION = Procedure(
    "2.001815", "Chứng thực bản sao điện tử từ bản chính", "TP-CT", FULL, 2_000, (1, 1), 60, e_certification=True
)
# Order matters: a commune's list is a beginning of this one, and Quảng Nghiệp's 24 used online are the first 24.
CORE: tuple[Procedure, ...] = (
    E_CERTIFICATION,
    Procedure("2.000815", "Chứng thực bản sao từ bản chính giấy tờ, văn bản", "TP-CT", FULL, 2_000, (1, 1), 240),
    Procedure("2.000884", "Chứng thực chữ ký trong các giấy tờ, văn bản", "TP-CT", PARTIAL, 10_000, (1, 1), 60),
    Procedure("2.001035", "Chứng thực hợp đồng, giao dịch liên quan đến tài sản", "TP-CT", PARTIAL, 50_000, (2, 3), 12),
    Procedure("2.001406", "Chứng thực văn bản thỏa thuận phân chia di sản", "TP-CT", PARTIAL, 50_000, (2, 3), 4),
    Procedure("2.001016", "Chứng thực văn bản từ chối nhận di sản", "TP-CT", PARTIAL, 50_000, (2, 3), 3),
    Procedure("2.000908", "Cấp bản sao từ sổ gốc", "TP-CT", FULL, 0, (1, 1), 8),
    Procedure("1.001193", "Đăng ký khai sinh", "TP-HT", FULL, 0, (1, 3), 40),
    Procedure("1.000656", "Đăng ký khai tử", "TP-HT", FULL, 0, (1, 3), 18),
    Procedure("1.000894", "Đăng ký kết hôn", "TP-HT", PARTIAL, 0, (2, 5), 14),
    Procedure("1.004873", "Cấp giấy xác nhận tình trạng hôn nhân", "TP-HT", FULL, 5_000, (3, 6), 24),
    Procedure("2.000635", "Cấp bản sao trích lục hộ tịch", "TP-HT", FULL, 8_000, (1, 2), 30),
    Procedure("1.004859", "Thay đổi, cải chính, bổ sung thông tin hộ tịch", "TP-HT", PARTIAL, 10_000, (3, 6), 8),
    Procedure("1.004884", "Đăng ký lại khai sinh", "TP-HT", PARTIAL, 5_000, (5, 13), 6),
    Procedure("2.000986", "Liên thông khai sinh, thường trú, thẻ bảo hiểm", "TP-HT", PARTIAL, 0, (8, 10), 10),
    Procedure("1.001022", "Đăng ký nhận cha, mẹ, con", "TP-HT", PARTIAL, 5_000, (3, 8), 2),
    Procedure("1.001776", "Thực hiện trợ cấp xã hội hằng tháng", "LD-BTXH", PARTIAL, 0, (15, 22), 14),
    Procedure("1.001731", "Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội", "LD-BTXH", PARTIAL, 0, (5, 7), 8),
    Procedure("1.001699", "Xác định, xác định lại mức độ khuyết tật", "LD-BTXH", PARTIAL, 0, (20, 25), 7),
    Procedure("1.001653", "Đổi, cấp lại giấy xác nhận khuyết tật", "LD-BTXH", PARTIAL, 0, (5, 7), 4),
    Procedure("1.011606", "Công nhận hộ nghèo, hộ cận nghèo", "LD-BTXH", PARTIAL, 0, (12, 15), 5),
    Procedure("1.010833", "Cấp giấy xác nhận thân nhân của người có công", "LD-NCC", PARTIAL, 0, (5, 12), 5),
    Procedure("1.010803", "Giải quyết chế độ trợ cấp thờ cúng liệt sĩ", "LD-NCC", PARTIAL, 0, (10, 12), 4),
    Procedure("1.003622", "Thông báo tổ chức lễ hội cấp xã", "VH-VHCS", FULL, 0, (5, 10), 1),
    Procedure("2.001909", "Xử lý đơn tại cấp xã", "TT-XLD", INFORMATION, 0, (10, 10), 1),
    Procedure("1.003554", "Hòa giải tranh chấp đất đai", "TN-DD", INFORMATION, 0, (20, 30), 2),
    Procedure("1.010804", "Chế độ ưu đãi đối với Bà mẹ Việt Nam anh hùng", "LD-NCC", PARTIAL, 0, (10, 12), 1),
    Procedure("2.001019", "Chứng thực di chúc", "TP-CT", INFORMATION, 50_000, (2, 3), 1),
    Procedure("2.000509", "Đăng ký hoạt động tín ngưỡng", "NV-TG", PARTIAL, 0, (10, 15), 1),
    Procedure("1.000775", "Tặng giấy khen của Chủ tịch xã theo chuyên đề", "NV-TDKT", FULL, 0, (15, 20), 2),
)
BY_CODE: dict[str, Procedure] = {p.code: p for p in CORE}
_ACTS = ("Đăng ký", "Cấp", "Cấp lại", "Điều chỉnh", "Thông báo", "Xác nhận", "Công nhận", "Đề nghị", "Gia hạn")
_OBJECTS = ("hồ sơ", "giấy phép", "danh sách", "hoạt động", "chế độ hỗ trợ", "giấy xác nhận", "kế hoạch", "nhóm")
_REPLACED = 5
_CHANGE = date(2024, 1, 1)


@lru_cache(maxsize=64)
def catalogue(count: int) -> tuple[Procedure, ...]:
    """Every version of a commune's procedures: `count` are in force on any day since 2019.

    On 1 January 2024 five that nobody used are replaced, so a catalogue read later also holds expired ones.
    """
    fields = list(FIELDS)
    rest: list[Procedure] = []
    for number in range(count - len(CORE)):
        field = fields[number % len(fields)]
        act, thing = _ACTS[number % len(_ACTS)], _OBJECTS[(number // len(_ACTS)) % len(_OBJECTS)]
        name = f"{act} {thing} lĩnh vực {FIELDS[field].lower()}"
        level = (INFORMATION, PARTIAL, FULL, PARTIAL)[number % 4]
        fee = 30_000 if number % 11 == 0 else 0
        expires = date(2023, 12, 31) if number < _REPLACED else None
        rest.append(Procedure(f"1.{20_000 + number * 7:06d}", name, field, level, fee, (5, 15), valid_to=expires))
        if expires:
            rest.append(Procedure(f"1.{90_000 + number:06d}", name, field, level, fee, (5, 12), valid_from=_CHANGE))
    return CORE + tuple(rest)
