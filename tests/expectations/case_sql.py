"""What a case is, and the changes of the hand-made month that cases are made of, as SQL."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`fires` and `holds` are SQL run on the clean build; `agency` and `rows` are what a failure must name."""

    fires: str
    holds: str
    agency: str | tuple[str, ...] | None = "11122"
    rows: int = 1

    @property
    def agencies(self) -> list[str]:
        return [self.agency] if isinstance(self.agency, str) else list(self.agency or ())


def value(changes: str, code: str = "dossiers_received", scope: str = "month") -> str:
    return (
        f"update indicator_values set {changes} "
        f"where agency_code = '11122' and indicator_code = '{code}' and scope = '{scope}'"
    )


def dossier(changes: str, code: str = "11122-1") -> str:
    return f"update fct_dossiers set {changes} where dossier_code = '{code}'"


def document(changes: str, document: str = "11122/VB-1") -> str:
    return f"update fct_documents set {changes} where document_id = '{document}' and agency_code = '11122'"


def signature(changes: str) -> str:
    return f"update fct_signatures set {changes} where signature_id = 'SIG-1'"


def staged(changes: str, code: str = "11122-1") -> str:
    return f"update stg_portal__dossier_versions set {changes} where dossier_code = '{code}'"


def landed_document(changes: str) -> str:
    return f"update int_document_days set {changes} where document_id = '11122/VB-1' and agency_code = '11122'"


def landed_signature(changes: str) -> str:
    return f"update stg_ca__signatures set {changes} where signature_id = 'SIG-1'"


def supplement(**days: str) -> str:
    usual = {
        "requested_at": "2023-03-10",
        "answered_at": "2023-03-12",
        "old_due_at": "2023-04-20",
        "new_due_at": "2023-04-30",
    }
    cells = ", ".join(
        f"'{name}': " + (f"timestamptz '{day} 08:00+07'" if day else "cast(null as timestamptz)")
        for name, day in (usual | days).items()
    )
    return f"update stg_portal__dossier_versions set supplements = [{{{cells}}}] where dossier_code = '11122-4'"


def export(changes: str, export: str = "portal_dossiers") -> str:
    return f"update landing.exports set {changes} where export = '{export}'"


def earlier(changes: str, code: str) -> str:
    """Changes what is known of the months before."""
    return f"update landing.earlier_figures set {changes} where agency_code = '11122' and indicator_code = '{code}'"


def sent(count: int, days: str, agencies: str = "11122") -> str:
    """So many outgoing documents on each weekday that fits `days`, of each agency."""
    return (
        "insert into fct_documents by name select concat_ws('/', code, day, k) as document_id, code as agency_code, "
        "code as reporting_agency_code, 'outgoing' as direction, day as counted_date, 'dms_documents' as export "
        "from (select unnest(generate_series(date '2023-03-15', date '2023-04-14', interval 1 day))::date as day), "
        f"range({count}) r(k), unnest(string_split('{agencies}', ' ')) a(code) where isodow(day) <= 5 and {days};"
    )


def taken_in(count: int, at: str, **more: str) -> str:
    """So many dossiers of 11122, received at the counter at a local instant."""
    columns = "".join(f", {value} as {name}" for name, value in more.items())
    code = f"concat_ws('-', 'N', k, '{at}')"
    return (
        f"insert into fct_dossiers by name select {code} as dossier_code, '11122' as agency_code, '11122' as "
        f"reporting_agency_code, 'in_person' as channel, timestamptz '{at}+07' as received_at, date '{at[:10]}' as "
        f"received_date, true as is_received{columns} from range({count}) r(k);"
    )


def communes(count: int) -> str:
    """More communes, that report nothing yet."""
    return f"insert into int_reporting_agencies select 'X' || k, 'Xã Mới', false from range({count}) r(k);"


def shares(code: str, scope: str, numerator: int, denominator: int) -> str:
    """One share, the same in all communes."""
    keys = f"indicator_code = '{code}' and scope = '{scope}'"
    return (
        f"delete from indicator_values where {keys} and agency_code <> '30';"
        "insert into indicator_values by name select date '2023-04-01' as period_month, 'nd09' as reporting_calendar, "
        f"'{scope}' as scope, agency_code, '{code}' as indicator_code, {numerator} as numerator, {denominator} as denominator, "
        f"{numerator} / {denominator} as value, 'ok' as state from int_reporting_agencies where not is_rollup;"
    )


def withheld(code: str, count: int) -> str:
    """The month's figure of so many communes withheld."""
    return (
        "update indicator_values set state = 'withheld', numerator = null, denominator = null, value = null "
        f"where indicator_code = '{code}' and scope = 'month' and agency_code in "
        f"(select agency_code from int_reporting_agencies where not is_rollup order by agency_code limit {count});"
    )


def perfect(last: int) -> str:
    """Six shares of 11122 at 10 of 10, but the last of them."""
    codes = ("online", "early", "on_time", "input_digitised", "signed", "processed_online")
    parts = dict.fromkeys(codes, 10) | {codes[-1]: last}
    return ";".join(
        value(f"numerator = {n}, denominator = 10, value = {n} / 10, state = 'ok'", f"{code}_share")
        for code, n in parts.items()
    )


def rejects(count: int, export: str = "portal_dossiers") -> str:
    return f"insert into landing.rejects select '{export}', 'R' || k, '11122' from range({count}) r(k);"


def certified(each: int) -> str:
    """So many certificates for every commune but 11122, of which nothing is known from earlier."""
    return (
        communes(4) + "insert into dim_certificates by name select agency_code || '-' || k as serial, agency_code, "
        f"agency_code as reporting_agency_code from int_reporting_agencies, range({each}) r(k) where not is_rollup;"
        "update dim_certificates set reporting_agency_code = null where agency_code = '11122';"
        "delete from landing.earlier_figures where agency_code = '11122'"
    )


def form(changes: str, rows: str = "field_code = 'HT'") -> str:
    return f"update mart_form_b06 set {changes} where agency_code = '11122' and scope = 'month' and {rows};"


def typed(changes: str, row: str, agency: str = "11122") -> str:
    return f"update fct_reported_figures set {changes} where agency_code = '{agency}' and row_code = '{row}';"


def beside(changes: str, row: str) -> str:
    return f"update mart_form_01b set {changes} where agency_code = '11122' and row_code = '{row}'"
