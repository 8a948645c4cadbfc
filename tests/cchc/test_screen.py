"""What commands print: nothing is cut, whatever the width."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from rich.table import Table

from cchc.commands.screen import cell_text, print_parts


@pytest.mark.parametrize("columns", ["20", "80", "400"])
def test_a_table_wider_than_the_screen_keeps_every_letter(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    cells = [f"000.88.22.H57-200227-{number:04d}" for number in range(9)]
    table = Table()
    for number in range(9):
        table.add_column(f"cột {number}", no_wrap=True)
    table.add_row(*cells)
    print_parts(["dòng đầu", table])
    said = capsys.readouterr().out
    assert said.startswith("dòng đầu\n")
    (line,) = [line for line in said.splitlines() if cells[0] in line]
    assert all(cell in line for cell in cells)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (Decimal("166.0000000000000000"), "166"),
        (Decimal("0E-16"), "0"),
        (Decimal("100"), "100"),
        (Decimal("0.2500000000000000"), "0.25"),
        (Decimal("0.8000"), "0.8000"),
        (["a", "b"], '["a", "b"]'),
        ([{"at": datetime(2023, 1, 1, tzinfo=UTC)}], '[{"at": "2023-01-01 00:00:00+00:00"}]'),
        (True, "True"),
        ("Xã Đại Hợp", "Xã Đại Hợp"),
    ],
)
def test_a_cell_is_printed_as_people_write_it(cell: Any, text: str) -> None:
    assert cell_text(cell) == text
