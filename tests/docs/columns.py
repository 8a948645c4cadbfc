"""The tables of docs/add-a-source.md that say which columns an entity has, made from the contracts.

`python -m tests.docs.columns` writes them into the page again after a contract has changed.
"""

from __future__ import annotations

import re

from cchc.settings import PROJECT
from ingest.contracts import CONTRACTS, DOCUMENT_TYPES, RULES, Column
from ingest.profile_check.figures import FIGURES
from ingest.rejects.words import column_label, meanings

PAGE = PROJECT / "docs" / "add-a-source.md"
BEGIN, END = "### Columns of `dossiers`\n", "### Formats\n"


def tables() -> str:
    """All tables, each under its heading."""
    return "".join(_section(entity) for entity in CONTRACTS)


def _section(entity: str) -> str:
    contract = CONTRACTS[entity]
    lines = [
        f"### Columns of `{entity}`",
        "",
        f"A row is known by {', '.join(f'`{name}`' for name in contract.key)}.",
        "",
    ]
    lines += ["| column | Vietnamese | type | required | allowed | needed for |", "|---|---|---|---|---|---|"]
    lines += [_row(entity, column, "") for column in contract.columns]
    for child in contract.children:
        lines += [_row(entity, column, f"{child.name}.") for column in child.columns]
    return "\n".join(lines) + "\n\n"


def _row(entity: str, column: Column, holder: str) -> str:
    figures = "" if holder else ", ".join(FIGURES.get(entity, {}).get(column.name, ()))
    cells = [
        f"`{holder}{column.name}`", column_label(column.name), column.type, "yes" if column.required else "",
        _allowed(column), figures,
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _allowed(column: Column) -> str:
    if column.allowed == DOCUMENT_TYPES:
        return f"a kind of document, such as {', '.join(DOCUMENT_TYPES[:3])} (`DOCUMENT_TYPES` in ingest/contracts.py)"
    if column.allowed:
        return ", ".join(
            f"`{code}`" if str(code) == said else f"`{code}` {said}" for code, said in meanings(column).items()
        )
    if column.most is not None:
        return f"0 to {column.most}"
    return RULES.get(column.pattern or "", "") or ("a text of a fixed form" if column.pattern else "")


def shown() -> str:
    """The tables as they stand in the page."""
    found = re.search(rf"^{re.escape(BEGIN)}.*?(?=^{re.escape(END)})", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return found[0] if found else ""


if __name__ == "__main__":
    page = PAGE.read_text(encoding="utf-8")
    there = shown()
    PAGE.write_text(page.replace(there, tables()) if there else page.replace(END, tables() + END), encoding="utf-8")
