"""What a fault is: one agency's records changed in one way, by a dose, in one month; and how it is put into them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import duckdb

KEYS = {
    "dossiers": "dossier_code || export",
    "documents": "document_id || direction",
    "signatures": "signature_id",
    "certificates": "serial",
    "procedures": "procedure_code || coalesce(valid_from, date '1900-01-01')",
    "staffing": "agency_code",
    "reported_figures": "row_code",
}


@dataclass(frozen=True)
class Dose:
    """How much: so many rows, a share of the agency's rows that can have the fault (at least one), or a plain amount."""

    label: str
    rows: int | None = None
    share: float | None = None
    amount: float = 0

    def of(self, eligible: int) -> int:
        """How many of so many rows."""
        if self.rows is not None:
            return min(self.rows, eligible)
        share = 1.0 if self.share is None else self.share
        return min(eligible, max(1, math.ceil(eligible * share - 1e-9)))


ONE = Dose("1 row", rows=1)
ALL = Dose("all", share=1.0)
ROWS = (ONE, Dose("1 %", share=0.01), Dose("5 %", share=0.05), Dose("25 %", share=0.25))
LOSSES = (Dose("5 %", share=0.05), Dose("25 %", share=0.25), Dose("50 %", share=0.5), Dose("90 %", share=0.9))
PARTS = (Dose("5 %", share=0.05), Dose("25 %", share=0.25), Dose("50 %", share=0.5), ALL)
WHOLE = (ALL,)
REJECTED = (Dose("1 %", share=0.01), Dose("5 %", share=0.05), Dose("10 %", share=0.1), Dose("25 %", share=0.25))


def amounts(label: str, *values: float) -> tuple[Dose, ...]:
    """Doses that are magnitudes: `amounts("{:g} days", 1, 7)`."""
    return tuple(Dose(label.format(value), amount=value) for value in values)


@dataclass(frozen=True)
class Site:
    """Where a fault is put: the month's tables, the agency (`partner`: a clean one beside it), and the dose.

    SQL of faults may name {agency}, {partner} and {nobody}, an agency that does not exist (quoted identity codes), {x} (the
    amount), {starts}, {ends} (instants) and {last_date}.
    """

    connection: duckdb.DuckDBPyConnection
    names: dict[str, str]
    fault: str
    dose: Dose

    def run(self, sql: str) -> None:
        self.connection.execute(sql.format(**self.names, x=self.dose.amount))

    def choose(self, table: str, among: str) -> None:
        """Makes `chosen`: the dosed rows of the agency, drawn by a hash of key and fault."""
        where = f"agency_code = {self.names['agency']} and ({among})".format(**self.names, x=self.dose.amount)
        found = self.connection.execute(f"select count(*) from {table} where {where}").fetchone()
        eligible = int(found[0]) if found else 0
        if not eligible:
            raise ValueError(f"{self.fault}: no row of {table} can have it: {where}")
        self.connection.execute(
            f"create or replace temp table chosen as select rowid as r from {table} where {where} "
            f"order by hash({KEYS[table]} || '{self.fault}'), {KEYS[table]} limit {self.dose.of(eligible)}"
        )


Injection = Callable[[Site], None]


@dataclass(frozen=True)
class Fault:
    """One kind of fault. `story` is what happened at the source; `by` are the checks that are meant to find it.

    `elsewhere` is where a check finds it when not at the agency: the province's code, or blank where the rows belong to no
    agency. `partner` says that the fault concerns a second agency, `where` which agencies can have it: any, one with many
    dossiers at the counter, or one that began in this month. `of_forms` faults come after the forms were typed.
    """

    name: str
    kind: str
    story: str
    inject: Injection
    doses: tuple[Dose, ...] = ROWS
    by: tuple[str, ...] = ()
    partner: bool = False
    elsewhere: str | None = None
    where: Literal["anywhere", "at_counter", "newcomer"] = "anywhere"
    of_forms: bool = False


def changed(table: str, how: str, among: str = "true") -> Injection:
    """Rows that hold something else: `how` is what an update sets."""

    def inject(site: Site) -> None:
        site.choose(table, among)
        site.run(f"update {table} set {how} where rowid in (select r from chosen)")

    return inject


def lost(table: str, among: str = "true") -> Injection:
    """Rows that are not there."""

    def inject(site: Site) -> None:
        site.choose(table, among)
        site.run(f"delete from {table} where rowid in (select r from chosen)")

    return inject


def repeated(table: str, otherwise: str, among: str = "true", times: str = "1") -> Injection:
    """Rows that come again, with other values in some columns: `otherwise` is what `* replace` takes, blank for none."""
    columns = f"{table}.* replace ({otherwise})" if otherwise else f"{table}.*"

    def inject(site: Site) -> None:
        site.choose(table, among)
        site.run(
            f"insert into {table} by name select {columns} from {table}, range(({times})::bigint) again(number) "
            f"where {table}.rowid in (select r from chosen)"
        )

    return inject


def rejected(table: str, among: str = "true") -> Injection:
    """Rows that landing could not read."""

    def inject(site: Site) -> None:
        site.choose(table, among)
        site.run(f"create table if not exists rejected_{table} as from {table} limit 0")
        site.run(f"insert into rejected_{table} by name select * from {table} where rowid in (select r from chosen)")
        site.run(f"delete from {table} where rowid in (select r from chosen)")

    return inject


def anyhow(sql: str) -> Injection:
    """Any statements."""

    def inject(site: Site) -> None:
        site.run(sql)

    return inject


def one_after_the_other(*steps: Injection) -> Injection:
    """Several changes that belong together."""

    def inject(site: Site) -> None:
        for step in steps:
            step(site)

    return inject
