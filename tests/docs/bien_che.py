"""The file of docs/add-a-source.md, as the old program writes it: `python -m tests.docs.bien_che drop` puts it into `drop`."""

from __future__ import annotations

import os
import re
import sys
import time
import unicodedata
from pathlib import Path

from cchc.settings import PROJECT
from sandbox.files import _parted

PAGE = PROJECT / "docs" / "add-a-source.md"
PEOPLE = ("Nguyễn Văn Biên", "Trần Thị Chế")


def drop(folder: Path) -> Path:
    """The CSV of the page in Windows-1258, left alone for an hour; names where the page has `…`."""
    text = re.search(r"^```text\n(Mã.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert text
    first, second = text[1].split("…", 1)
    filled = first + PEOPLE[0] + second.replace("…", PEOPLE[1])
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bien-che_2023-01.csv"
    file.write_bytes("".join(_parted(c) for c in unicodedata.normalize("NFC", filled)).encode("cp1258"))
    os.utime(file, (time.time() - 3600,) * 2)
    return file


if __name__ == "__main__":
    sys.stdout.write(f"{drop(Path(sys.argv[1] if len(sys.argv) > 1 else 'drop'))}\n")
