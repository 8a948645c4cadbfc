"""Cells of `indicator_values` in a verdict: those that failing rows name, and those that are withheld."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

CellScope = Literal["month", "ytd"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Record):
    """A figure that a failing row is about; without `indicator`, those that the check declares."""

    scope: CellScope = "month"
    indicator: str | None = None


class WithheldCell(_Record):
    """A cell of `indicator_values` that is withheld, and the checks because of which it is."""

    scope: CellScope
    agency: str
    indicator: str
    checks: list[str]


class HeldBack(_Record):
    """What is withheld of one agency or roll-up, in words: whole facts by name, other indicators by their Vietnamese names.

    `rollups` are the names of the roll-ups whose figures are incomplete without it.
    """

    agency_code: str
    name_vi: str
    facts: list[str] = []
    indicators: list[str] = []
    rollups: list[str] = []
