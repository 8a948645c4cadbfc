"""People who do not exist: realistic names, and numbers from ranges that are issued to nobody.

Identity numbers begin with 099 (no province has it), phone numbers with 0120 (withdrawn in 2018), mail goes to
`.example`. So a grep for any of these values finds a leak, never a coincidence.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

_FAMILY = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi",
    "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Trịnh", "Đoàn", "Mai", "Tạ", "Lương",
]  # fmt: skip
_MIDDLE_F = ["Thị", "Thị Thu", "Thị Minh", "Thị Hồng", "Ngọc", "Thị Thanh", "Thị Kim", "Thị Bích"]
_MIDDLE_M = ["Văn", "Hữu", "Đức", "Quang", "Công", "Xuân", "Viết", "Trọng", "Bá", "Duy"]
_GIVEN_F = [
    "Hương", "Lan", "Hoa", "Hạnh", "Thảo", "Yến", "Nhung", "Phượng", "Loan",
    "Dung", "Thủy", "Hằng", "Ngân", "Quỳnh", "Trâm", "Oanh", "Nguyệt", "Liễu",
]  # fmt: skip
_GIVEN_M = [
    "Dũng", "Hùng", "Cường", "Thắng", "Tuấn", "Sơn", "Tùng", "Kiên", "Phúc",
    "Lâm", "Khánh", "Bình", "Toàn", "Đạt", "Nghĩa", "Thịnh", "Hậu", "Quyết",
]  # fmt: skip
_HAMLETS = ["thôn Đông", "thôn Đoài", "thôn Trung", "thôn Thượng", "thôn Hạ", "xóm Mới", "xóm Chùa", "xóm Đình"]
_PLAIN = str.maketrans("đĐ", "dD")


@dataclass(frozen=True, slots=True)
class Person:
    """One synthetic citizen or official. Every field is personal data."""

    name: str
    id_number: str
    phone: str
    email: str
    address: str

    def values(self) -> tuple[str, ...]:
        return (self.name, self.id_number, self.phone, self.email, self.address)


def plain(text: str) -> str:
    """Lower-case ASCII letters of a Vietnamese text, for mail addresses."""
    folded = unicodedata.normalize("NFD", text.translate(_PLAIN))
    return "".join(c for c in folded if c.isascii() and c.isalpha()).lower()


_SLUGS = {word: plain(word) for word in (*_FAMILY, *_GIVEN_F, *_GIVEN_M)}


def make_person(rng: random.Random, domain: str = "dan.example") -> Person:
    """Draws a person; equal generators give equal people."""
    draw = rng.random
    family = _FAMILY[int(draw() * len(_FAMILY))]
    if draw() < 0.5:
        middle, given = _MIDDLE_F[int(draw() * len(_MIDDLE_F))], _GIVEN_F[int(draw() * len(_GIVEN_F))]
    else:
        middle, given = _MIDDLE_M[int(draw() * len(_MIDDLE_M))], _GIVEN_M[int(draw() * len(_GIVEN_M))]
    number = 111_111_111 + int(draw() * 888_888_888)
    phone = 111_111 + int(draw() * 888_888)
    return Person(
        name=f"{family} {middle} {given}",
        id_number=f"099{number}",
        phone=f"0120{phone}",
        email=f"{_SLUGS[given]}.{_SLUGS[family]}{number % 1_000_000:06d}@{domain}",
        address=f"số nhà {1 + number % 97}, {_HAMLETS[number % len(_HAMLETS)]}, ngõ {1 + phone % 60}",
    )
