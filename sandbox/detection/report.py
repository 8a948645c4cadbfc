"""`docs/detection.md` from the grades: Markdown tables, without a clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from expectations.checks import Check
from sandbox.detection.catalogue import RECORD_FAULTS, MustCatch
from sandbox.detection.grading import PROGRAM_DOSE, Clean, Found, Grades
from sandbox.detection.landing import Rejected
from sandbox.detection.period_faults import FAULTS as PERIOD_FAULTS
from sandbox.detection.period_faults import PeriodFault
from sandbox.detection.program_faults import FAULTS as PROGRAM_FAULTS
from sandbox.detection.program_faults import ProgramFault

NEVER = "—"


def report(
    grades: Grades,
    clean: Clean,
    rejected: Sequence[Rejected],
    checks: Sequence[Check],
    must: Sequence[MustCatch],
    setting: str,
) -> str:
    """The whole page."""
    parts = [
        _HEAD.format(setting=setting),
        "## In short\n",
        _summary(grades, clean, rejected, checks),
        "## Faults of records\n",
        _BY_FAULT,
        _faults(grades),
        "## What slips\n",
        _SLIPS,
        _slips(grades),
        "## Faults of whole sources\n",
        _once(grades, PERIOD_FAULTS),
        "## Faults that only our own program could make\n",
        _once(grades, PROGRAM_FAULTS),
        "## Faults that landing turns away\n",
        _landing(rejected),
        "## Checks\n",
        _BY_CHECK,
        _checks(grades, clean, checks, must),
        "## Clean months\n",
        _clean(clean),
    ]
    return "\n".join(part.rstrip() + "\n" for part in parts)


_HEAD = (Path(__file__).parent / "head.md").read_text(encoding="utf-8")
_BY_FAULT = "Found / tried at each dose, and the checks that found it at the smallest dose.\n"
_SLIPS = "Not found every time, or not at all, at this dose. What stands here is what the gate cannot vouch for.\n"
_BY_CHECK = "Alarms are agencies named, in all months of this page.\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else NEVER


def _tried(grades: Grades) -> list[tuple[str, str, list[Found]]]:
    """Every fault of records and dose that was tried, in the order of the catalogue."""
    found = []
    for fault in RECORD_FAULTS.values():
        for dose in fault.doses:
            if one := grades.caught(fault.name, dose.label):
                found.append((fault.name, dose.label, one))
    return found


def _summary(grades: Grades, clean: Clean, rejected: Sequence[Rejected], checks: Sequence[Check]) -> str:
    tried = _tried(grades)
    injections = [one for _, _, members in tried for one in members]
    kinds = {name for name, _, _ in tried}
    every = {name for name, _, members in tried if any(one.checks for one in members)}
    once = [one for one in grades.found if one.dose == PROGRAM_DOSE]
    alone = {check.id for check in checks if grades.needed_for(check, checks)}
    rows = [
        ("kinds of faults of records", len(kinds)),
        ("of them found at some dose", f"{len(every)} ({_share(len(every), len(kinds))})"),
        ("faults put in (kind, dose, agency)", len(injections)),
        ("of them found", f"{sum(bool(one.checks) for one in injections)} "
                          f"({_share(sum(bool(one.checks) for one in injections), len(injections))})"),
        ("faults of whole sources and of our own program, found", f"{sum(bool(one.checks) for one in once)} of {len(once)}"),
        ("faults turned away by landing", f"{sum(one.caught for one in rejected)} of {len(rejected)}"),
        ("checks declared", len(checks)),
        ("checks without which a fault here would slip", len(alone)),
        ("checks that could not be evaluated", len(grades.unevaluated)),
        ("clean months: criticals", sum(clean.criticals.values())),
        ("clean months: warnings in 1,000 cells", f"{clean.warnings_per_thousand:.3f}"),
    ]  # fmt: skip
    return _table(("", ""), rows)


def _faults(grades: Grades) -> str:
    rows = []
    for fault in RECORD_FAULTS.values():
        results = [(dose.label, grades.caught(fault.name, dose.label)) for dose in fault.doses]
        cells = [
            f"{label}: {sum(bool(o.checks) for o in members)}/{len(members)}" for label, members in results if members
        ]
        smallest = next((label for label, members in results if members and all(o.checks for o in members)), None)
        by = sorted({c for label, members in results if label == smallest for o in members for c in o.checks})
        rows.append((f"`{fault.name}`", fault.kind, fault.story, " · ".join(cells), smallest or NEVER, _listed(by)))
    return _table(("fault", "kind", "what happened", "found / tried", "smallest dose", "by"), rows)


def _slips(grades: Grades) -> str:
    slipped: dict[str, list[str]] = {}
    for name, dose, members in _tried(grades):
        if missed := sum(not one.checks for one in members):
            slipped.setdefault(name, []).append(f"{dose}: {missed}/{len(members)}")
    rows = [(f"`{name}`", " · ".join(doses)) for name, doses in slipped.items()]
    return _table(("fault", "slipped / tried"), rows) if rows else "Nothing.\n"


def _once(grades: Grades, faults: Sequence[ProgramFault | PeriodFault]) -> str:
    rows = []
    for fault in faults:
        for one in grades.caught(fault.name, PROGRAM_DOSE):
            rows.append((f"`{fault.name}`", fault.story, _listed(sorted(one.checks)) or NEVER))
    return _table(("fault", "what happened", "found by"), rows)


def _landing(rejected: Sequence[Rejected]) -> str:
    rows = [(f"`{one.fault}`", one.story, f"`{one.outcome}`" if one.outcome else NEVER) for one in rejected]
    return _table(("fault", "what the source sent", "turned away as"), rows)


def _checks(grades: Grades, clean: Clean, checks: Sequence[Check], must: Sequence[MustCatch]) -> str:
    meant: dict[str, set[str]] = {}
    for fault in RECORD_FAULTS.values():
        for check in fault.by:
            meant.setdefault(check, set()).add(fault.name)
    for once in (*PERIOD_FAULTS, *PROGRAM_FAULTS):
        meant.setdefault(once.by, set()).add(once.name)
    for row in must:
        meant.setdefault(row.check, set()).add(row.fault)
    rows = []
    for check in checks:
        aimed = [one for one in grades.found if one.fault in meant.get(check.id, ())]
        hit = sum(check.id in one.checks for one in aimed)
        true = sum(check.id in one.checks for one in grades.found)
        false = grades.false_alarms.get(check.id, 0) + clean.alarms.get(check.id, 0)
        rows.append((
            f"`{check.id}`", check.severity,
            f"{hit}/{len(aimed)}", _share(hit, len(aimed)),
            true + false, _share(true, true + false), len(grades.needed_for(check, checks)),
            clean.criticals.get(check.id, 0) + clean.warnings.get(check.id, 0),
        ))  # fmt: skip
    head = (
        "check",
        "severity",
        "found / meant for",
        "recall",
        "alarms",
        "precision",
        "slip without it",
        "rows in clean months",
    )
    return _table(head, rows)


def _clean(clean: Clean) -> str:
    text = f"{clean.months} months without a fault, {clean.cells:,} cells (rows of `indicator_values`).\n\n"
    rows = [(f"`{check}`", "critical", count) for check, count in sorted(clean.criticals.items())]
    rows += [(f"`{check}`", "warning", count) for check, count in sorted(clean.warnings.items())]
    return text + (_table(("check", "severity", "failing rows"), rows) if rows else "No check failed.\n")


def _listed(names: Sequence[str], most: int = 3) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
