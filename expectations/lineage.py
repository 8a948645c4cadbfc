"""Lineage: which cells of `indicator_values` rest on the rows that a check found at fault.

Columns of facts → tokens and facts that the catalogue counts → indicators → cells. The first step is declared here and
nowhere else, and a test holds it against the real dbt project; the others are read from the build file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import duckdb

from expectations.cells import CellScope
from expectations.checks import Check
from expectations.verdicts import AgencyRows

Tokens = Mapping[str, frozenset[str]]  # by counted fact, as dim_indicators names it
EVERY = "*"  # the row itself: whether it is counted at all, and for whom
MEMBER = "member"  # what a `distinct` indicator counts


class Cell(NamedTuple):
    """One figure: that of an agency or roll-up, for the month or the year to date."""

    scope: CellScope
    agency: str
    indicator: str


def _of(fact: str, *tokens: str) -> dict[str, frozenset[str]]:
    return {fact: frozenset(tokens)}


_NONE: dict[str, frozenset[str]] = {}
# An end decides whether a dossier carried over is in the month at all, and where every dossier stands.
_ENDING = _of(
    "dossiers", "carried_over", "resolved", "refused", "withdrawn", "pending", "overdue", "in_time", "timeliness:",
    "within_due_date", "result_digitised", "result_electronic", "result_electronic_known",
)  # fmt: skip
# Dossiers that come without them have both from the catalogue, of the row in force when they were received.
_FROM_CATALOGUE = _of("dossiers", "level:", "e_certification")

# A token that ends with a colon stands for all of its values.
COLUMNS: Mapping[str, Mapping[str, Tokens]] = {
    "fct_dossiers": {
        **dict.fromkeys(("dossier_code", "agency_code", "received_at"), _of("dossiers", EVERY)),
        **dict.fromkeys(("finished_at", "refused_at", "withdrawn_at"), _ENDING),
        "due_at": _of("dossiers", "timeliness:", "within_due_date", "overdue", "in_time"),
        "procedure_code": _of("dossiers", MEMBER, "level:", "e_certification"),
        "channel": _of("dossiers", "channel:"),
        "service_level": _of("dossiers", "level:"),
        "applicant_type": _of("dossiers", "applicant:"),
        "is_e_certification": _of("dossiers", "e_certification"),
        "input_digitised": _of("dossiers", "input_digitised"),
        "result_digitised": _of("dossiers", "result_digitised"),
        "result_electronic": _of("dossiers", "result_electronic", "result_electronic_known"),
        "data_reused": _of("dossiers", "data_reused", "data_reused_known"),
        "fee_vnd": _of("dossiers", "with_fee"),
        "paid_online": _of("dossiers", "paid_online"),
        "rating": _of("dossiers", "rated", "disliked"),
        # The field stands in Biểu 06 alone, the others in no figure.
        **dict.fromkeys(("field_code", "submitted_at", "returned_at", "return_method"), _NONE),
    },
    "fct_documents": {
        **dict.fromkeys(("document_id", "agency_code", "direction"), _of("documents", EVERY)),
        "received_at": _of("documents", "direction:incoming"),
        **dict.fromkeys(("sent_at", "issued_date"), _of("documents", "direction:outgoing")),
        "exchange_status": _of("documents", "counted", "recalled"),
        "exchange_form": _of("documents", "form:"),
        "is_signed": _of("documents", "signed"),
        "processed_online": _of("documents", "processed_online"),
        "published_on_web": _of("documents", "published_on_web"),
        **dict.fromkeys(("document_type", "answers_dossier_code"), _NONE),
    },
    "dim_certificates": {
        **dict.fromkeys(("serial", "agency_code"), _of("certificates", EVERY)),
        **dict.fromkeys(("valid_from", "valid_to", "revoked_at"), _of("certificates", "valid")),
        "holder_type": _of("certificates", "holder:"),
        "holder_role": _of("certificates", "role:"),
    },
    "dim_procedures": {
        **dict.fromkeys(("agency_code", "procedure_code"), _of("procedures", EVERY) | _FROM_CATALOGUE),
        **dict.fromkeys(("valid_from", "valid_to"), _of("procedures", "in_force") | _FROM_CATALOGUE),
        "service_level": _of("procedures", "level:") | _of("dossiers", "level:"),
        "is_e_certification": _of("procedures", "e_certification") | _of("dossiers", "e_certification"),
        "has_fee": _of("procedures", "with_fee"),
        **dict.fromkeys(("field_code", "field_name"), _NONE),
    },
    "staffing": dict.fromkeys(("agency_code", "as_of_date", "staff_total"), _of("staffing", EVERY)),
    # Signatures and typed reports stand beside the figures; the catalogue counts neither.
    "fct_signatures": dict.fromkeys(
        ("signature_id", "agency_code", "document_id", "dossier_code", "serial", "signed_at", "verification"), _NONE
    ),
    "fct_reported_figures": dict.fromkeys(("agency_code", "form", "row_code", "value"), _NONE),
}


def tokens_of(spoils: Iterable[str]) -> Tokens:
    """What columns (`fct_dossiers.due_at`) and whole facts (`fct_dossiers`) decide. Raises KeyError for one not declared."""
    found: dict[str, frozenset[str]] = {}
    for name in spoils:
        fact, _, column = name.partition(".")
        for one in [COLUMNS[fact][column]] if column else COLUMNS[fact].values():
            for counted, tokens in one.items():
                found[counted] = found.get(counted, frozenset()) | tokens
    return found


@dataclass(frozen=True)
class Term:
    """A numerator or denominator: rows of `fact` that have all `tokens`."""

    fact: str
    tokens: frozenset[str]
    counts_members: bool = False

    def rests_on(self, decided: Tokens) -> bool:
        tokens = decided.get(self.fact, frozenset())
        if EVERY in tokens or (self.counts_members and MEMBER in tokens):
            return True
        return any(f"{one.partition(':')[0]}:" in tokens or one in tokens for one in self.tokens)


@dataclass(frozen=True)
class Indicator:
    """An indicator in force: what it counts, and how its year to date is made (`kind`)."""

    code: str
    name_vi: str
    kind: str
    terms: tuple[Term, ...]

    @property
    def fact(self) -> str:
        """The fact its numerator counts."""
        return self.terms[0].fact

    def rests_on(self, decided: Tokens) -> bool:
        return any(term.rests_on(decided) for term in self.terms)


class Lineage:
    """What rests on what in one build file, and which of its cells hold a figure. Reads what it needs when it is asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._known: dict[str, list[str] | None] = {}

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        """The catalogue on the period's last day, by code."""
        rows = self._connection.execute(
            """
            select indicator_code, name_vi, kind, fact, numerator_filter, denominator_fact, denominator_filter
            from dim_indicators as i
            cross join landing.period as p
            where (i.valid_from is null or i.valid_from <= p.last_date) and (i.valid_to is null or i.valid_to >= p.last_date)
            order by indicator_code
            """
        ).fetchall()
        found = {}
        for code, name, kind, fact, numerator, denominator_fact, denominator in rows:
            terms = [Term(fact, frozenset(numerator.split()), kind == "distinct")]
            if denominator:
                terms.append(Term(denominator_fact, frozenset(denominator.split())))
            found[code] = Indicator(code, name, kind, tuple(terms))
        return found

    @cached_property
    def states(self) -> dict[Cell, tuple[str, bool]]:
        """Every cell of the month's file, those of what nobody answers for too: its state, and whether it holds a figure."""
        rows = self._connection.execute(
            """
            select scope, agency_code, indicator_code, state, coalesce(numerator, value) is not null from indicator_values
            union all
            select 'month', agency_code, indicator_code, case when numerator is null then 'withheld' else 'ok' end,
                numerator is not null
            from unallocated_values
            """
        ).fetchall()
        found: dict[Cell, tuple[str, bool]] = {}
        for scope, agency, indicator, state, has_figure in rows:
            cell = Cell(scope, agency, indicator)  # a code that was used again may name two
            found[cell] = max(found.get(cell, (state, has_figure)), (state, has_figure), key=lambda one: one[1])
        return found

    @property
    def withheld(self) -> list[Cell]:
        """The cells that are withheld in this file."""
        return sorted(cell for cell, (state, _) in self.states.items() if state == "withheld")

    @cached_property
    def reporting(self) -> frozenset[str]:
        """The agencies and roll-ups that have figures of the period."""
        rows = self._connection.execute("select agency_code from int_reporting_agencies").fetchall()
        return frozenset(code for (code,) in rows)

    @cached_property
    def rollups(self) -> dict[str, list[str]]:
        """The roll-ups that hold an agency, or what it left, by its code."""
        rows = self._connection.execute(
            """
            select agency_code, rollup_code from int_agency_rollups where is_current
            union
            select agency_code, rollup_code from int_unallocated_rollups
            order by all
            """
        ).fetchall()
        found: dict[str, list[str]] = {}
        for agency, above in rows:
            found.setdefault(agency, []).append(above)
        return found

    def is_rollup(self, agency: str | None) -> bool:
        return agency in self._rollup_codes

    @cached_property
    def _rollup_codes(self) -> frozenset[str]:
        return frozenset(code for above in self.rollups.values() for code in above)

    def cells(self, check: Check, failing: AgencyRows) -> frozenset[Cell] | None:
        """The cells that rest on one agency's failing rows; None when they cannot be placed.

        A frame about figures says in its rows which; rows of records spoil what the check declares, for whoever answers
        for the agency. What no figure rests on has no place to be found. Raises KeyError when the check declares a column
        that nobody knows.
        """
        agency, figures = failing.agency_code, failing.figures
        spoils = [name for name in check.spoils if not failing.tables or name.partition(".")[0] in failing.tables]
        resting = self._resting_on(spoils)
        if check.spoils and not resting:
            return frozenset()
        if agency is None or not (check.spoils or figures):
            return None
        if figures and agency not in self.reporting:
            return None
        if not figures and agency not in self._known:
            self._known[agency] = self._answering(agency)
        agencies = [agency] if figures else self._known[agency]
        if agencies is None:
            return None
        named = {(f.scope, f.indicator) for f in figures} or {("month", None)}
        return frozenset(
            cell
            for scope, indicator in named
            for code in ([indicator] if indicator and not check.spoils else resting)
            for one in agencies
            for cell in self._with_year(Cell(scope, one, code))
        )

    def _resting_on(self, spoils: Iterable[str]) -> list[str]:
        decided = tokens_of(spoils)
        return [one.code for one in self.indicators.values() if one.rests_on(decided)]

    def open_cells(self, cells: Iterable[Cell]) -> frozenset[Cell]:
        """Those of the cells that hold a figure."""
        return frozenset(cell for cell in cells if self.states.get(cell, ("", False))[1])

    def withheld_of(self, cells: Iterable[Cell]) -> frozenset[Cell]:
        """Those of the cells that are withheld; others may hold no figure for reasons of their own."""
        return frozenset(cell for cell in cells if self.states.get(cell, ("", False))[0] == "withheld")

    def _with_year(self, cell: Cell) -> list[Cell]:
        """A month's figure with the year to date that rests on it; what is carried over counts in the year's first month."""
        known = self.indicators.get(cell.indicator)
        if cell.scope == "ytd" or (known and known.kind == "opening_stock"):
            return [cell]
        return [cell, cell._replace(scope="ytd")]

    def _answering(self, agency: str) -> list[str] | None:
        """The codes whose figures count the agency's records; None for an agency nobody knows.

        A code used by several agencies in turn is the one that holds it on the last day, and each that a fact names. What
        nobody answers for has figures of its own, and lies in roll-ups; an agency that does not report here has none.
        """
        rows = self._connection.execute(
            """
            with named as (
                select agency_code, agency_valid_from as valid_from from fct_dossiers where agency_code = $code
                union
                select agency_code, agency_valid_from from fct_documents where agency_code = $code
                union
                select agency_code, agency_valid_from from dim_certificates where agency_code = $code
            )
            select distinct a.heir_code
            from int_answering_agencies as a
            cross join landing.period as p
            where a.agency_code = $code and (
                (coalesce(a.named_from, p.last_date) <= p.last_date and coalesce(a.named_to, p.last_date) >= p.last_date)
                or a.valid_from in (select valid_from from named)
            )
            """,
            {"code": agency},
        ).fetchall()
        return sorted(code for (code,) in rows if not self.is_rollup(code)) if rows else None
