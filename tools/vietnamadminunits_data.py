"""The administrative units of both days of 2025, read from the data files of the package vietnamadminunits (MIT licence).

Only its data are read: SQLite tables of the units, and the JSON that says which old units became which new ones. The package
names a unit by keys without diacritics: `province_district_ward` of an old commune, `province_ward` of a new one.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files


@dataclass(frozen=True)
class Unit:
    """A province, district or commune on one of the two days; `key` is the package's."""

    key: str
    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True)
class Country:
    """The units of the last old and of the first new day by key, and the new keys that each old one became."""

    old: dict[str, Unit]
    new: dict[str, Unit]
    became: dict[str, list[str]]

    @cached_property
    def sources(self) -> dict[str, list[str]]:
        """The old keys that each new one was made of."""
        found = defaultdict(list)
        for old, successors in self.became.items():
            for new in successors:
                found[new].append(old)
        return found


class DataDiffer(ValueError):
    """The package's tables and its conversion do not fit each other; another version than the one that was reviewed?"""


def country() -> Country:
    """What the installed version of the package knows. Raises DataDiffer."""
    data = files("vietnamadminunits") / "data"
    conversion = json.loads((data / "converter_2025.json").read_text(encoding="utf-8"))
    connection = sqlite3.connect(str(data / "dataset.db"))
    try:
        old = {unit.key: unit for row in connection.execute(_OLD) for unit in _old_units(*row)}
        new = {unit.key: unit for row in connection.execute(_NEW) for unit in _new_units(*row)}
    finally:
        connection.close()
    found = Country(old, new, dict(_became(conversion)))
    if strange := [key for key in found.became if key not in old] + [key for key in found.sources if key not in new]:
        raise DataDiffer(f"vietnamadminunits converts units that its tables do not have: {', '.join(strange)}")
    if left := [u for u in old.values() if u.level != "district" and u.key not in found.became]:
        raise DataDiffer(f"vietnamadminunits does not say what became of {', '.join(u.key for u in left)}")
    if unborn := [key for key in new if key not in found.sources]:
        raise DataDiffer(f"vietnamadminunits does not say what {', '.join(unborn)} was made of")
    return found


_OLD = """
select provinceKey, provinceCode, province, districtKey, districtCode, district, wardKey, wardCode, ward
from admin_units_legacy
"""
_NEW = "select provinceKey, provinceCode, province, wardKey, wardCode, ward from admin_units"


def _old_units(
    province_key: str, province_code: str, province: str, district_key: str, district_code: str, district: str,
    ward_key: str | None, ward_code: str, ward: str,
) -> Iterator[Unit]:  # fmt: skip
    """Five districts, islands all of them, have no communes: their row has no ward."""
    yield Unit(province_key, province_code, province, "province", "")
    yield Unit(f"{province_key}_{district_key}_", district_code, district, "district", province_code)
    if ward_key is not None:
        yield Unit(f"{province_key}_{district_key}_{ward_key}", ward_code, ward, "commune", district_code)


def _new_units(
    province_key: str, province_code: str, province: str, ward_key: str, ward_code: str, ward: str
) -> Iterator[Unit]:
    yield Unit(province_key, province_code, province, "province", "")
    yield Unit(f"{province_key}_{ward_key}", ward_code, ward, "commune", province_code)


def _became(conversion: dict[str, dict[str, Iterable[str]]]) -> Iterator[tuple[str, list[str]]]:
    """Each old key with the new keys that took it over: one, or several when it was divided.

    The new keys of a divided unit say nothing of the shares: `isDefaultNewWard` is where most of it lies by somebody's guess.
    """
    for new_key, old_keys in conversion["DICT_PROVINCE"].items():
        for old_key in old_keys:
            yield old_key, [new_key]
    for province_key, wards in conversion["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward_key, old_keys in wards.items():  # type: ignore[attr-defined]
            for old_key in old_keys:
                yield old_key, [f"{province_key}_{ward_key}"]
    for province_key, divided in conversion["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old_key, parts in divided.items():  # type: ignore[attr-defined]
            yield old_key, [f"{province_key}_{part['newWardKey']}" for part in parts]
