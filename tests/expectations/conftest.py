"""A tiny build file of one month, written by hand: two communes and their province, every declared check holds on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from cchc.period import Period
from cchc.settings import Settings

PERIOD = Period.parse("2023-04")
PROMISED = [
    "dossiers_received",
    "dossiers_received_online",
    "dossiers_received_in_person",
    "dossiers_received_postal",
    "dossiers_carried_over",
    "dossiers_resolved",
    "dossiers_resolved_early",
    "dossiers_resolved_on_time",
    "dossiers_resolved_late",
    "dossiers_resolved_without_due_date",
    "dossiers_pending",
    "dossiers_pending_in_time",
    "dossiers_pending_overdue",
    "dossiers_refused",
    "dossiers_withdrawn",
    "e_certified_copies",
    "online_share",
    "postal_share",
    "early_share",
    "on_time_share",
    "input_digitised_share",
    "result_digitised_share",
    "online_payment_share",
    "procedures_with_online_dossiers_share",
    "documents_incoming",
    "documents_outgoing",
    "documents_outgoing_signed",
    "signed_share",
    "electronic_only_share",
    "processed_online_share",
    "certificates_personal",
    "certificates_organisation",
    "staff_with_certificate_share",
]

# Of one commune's month: one early, one refused, one withdrawn, one carried over and pending.
_COUNTS = {
    "dossiers_received": 3,
    "dossiers_received_online": 2,
    "dossiers_received_in_person": 1,
    "dossiers_carried_over": 1,
    "dossiers_resolved": 1,
    "dossiers_resolved_early": 1,
    "dossiers_pending": 1,
    "dossiers_pending_in_time": 1,
    "dossiers_refused": 1,
    "dossiers_withdrawn": 1,
    "documents_outgoing": 1,
    "documents_outgoing_signed": 1,
    "documents_incoming": 1,
    "certificates_personal": 1,
    "procedures_in_force": 1,
}
_SHARES = {"online_share": (2, 3), "early_share": (1, 1), "signed_share": (1, 1)}

TABLES = """
create schema landing;
create table landing.period (period_month date, reporting_calendar varchar, starts_at timestamptz, ends_at timestamptz,
    first_date date, last_date date, previous_month date);
create table landing.year_months (period_month date, revision integer);
create table landing.exports (export varchar, entity varchar, source varchar, batch_id varchar, status varchar,
    declared_rows bigint, rows_read bigint, accepted bigint, rejected bigint, exact_duplicates bigint, withheld bigint,
    sequence bigint);
create table landing.history (export varchar, period_month date, rows_read bigint);
create table landing.reads (export varchar, started_at timestamptz);
create table landing.rejects (export varchar, reject_id varchar, agency_code varchar);
create table landing.accepted_rows (entity varchar, agency_code varchar, accepted bigint);
create table landing.earlier_months (period_month date, distance integer, first_date date, last_date date);
create table landing.earlier_figures (period_month date, agency_code varchar, indicator_code varchar, numerator bigint,
    denominator bigint);
create table landing.earlier_signatures (period_month date, agency_code varchar, signatures bigint);
create table dim_agencies (agency_code varchar, valid_from date, valid_to date, name_vi varchar, level varchar,
    parent_code varchar, identity_code varchar, reports_from date, reports_to date);
create table dim_indicators (indicator_code varchar, definition_version varchar, name_vi varchar, kind varchar,
    denominator_filter varchar, valid_from date, valid_to date, fact varchar, numerator_filter varchar,
    denominator_fact varchar);
create table dim_procedures (period_month date, agency_code varchar, procedure_code varchar, valid_from date,
    valid_to date);
create table dim_certificates (period_month date, serial varchar, agency_code varchar, valid_from date, valid_to date,
    revoked_at timestamptz);
create table fct_dossiers (period_month date, dossier_code varchar, agency_code varchar, submitted_at timestamptz,
    received_at timestamptz, due_at timestamptz, finished_at timestamptz, refused_at timestamptz,
    withdrawn_at timestamptz, returned_at timestamptz, reporting_agency_code varchar);
create table dim_working_days (schedule_code varchar, calendar_date date, working_seconds_before bigint,
    is_working boolean, name_vi varchar);
create table fct_documents (period_month date, document_id varchar, agency_code varchar, direction varchar,
    issued_date date, received_at timestamptz, sent_at timestamptz, counted_date date, is_counted boolean,
    is_signed boolean);
create table fct_signatures (period_month date, signature_id varchar, agency_code varchar, document_id varchar,
    serial varchar, signed_at timestamptz, verification varchar);
create table indicator_values (period_month date, reporting_calendar varchar, scope varchar, agency_code varchar,
    indicator_code varchar, numerator bigint, denominator bigint, value double, state varchar, coverage double,
    definition_version varchar default '1');
create table unallocated_values (period_month date, reporting_calendar varchar, agency_code varchar,
    agency_valid_from date, indicator_code varchar, numerator bigint, denominator bigint,
    definition_version varchar default '1');
create table agency_succession (from_code varchar, from_valid_from date, to_code varchar, to_valid_from date,
    event_date date, kind varchar, weight decimal(9, 8), legal_act varchar);
create table int_agency_rollups (agency_code varchar, rollup_code varchar, is_current boolean);
create table int_unallocated_rollups (agency_code varchar, valid_from date, rollup_code varchar);
create table mart_form_b06 (period_month date, reporting_calendar varchar, scope varchar, agency_code varchar,
    field_code varchar, field_name varchar, row_kind varchar, state varchar, c3_taken_on bigint,
    c4_received_online bigint, c5_received_otherwise bigint, c6_carried_over bigint, c7_ended bigint,
    c8_ended_early bigint, c9_ended_on_time bigint, c10_ended_late bigint, c11_pending bigint,
    c12_pending_in_time bigint, c13_pending_overdue bigint);
create table mart_form_b06_unallocated (period_month date, reporting_calendar varchar, agency_code varchar,
    agency_valid_from date, field_code varchar);
create table mart_form_01b (period_month date, reporting_calendar varchar, scope varchar, agency_code varchar,
    row_code varchar, label_vi varchar, unit varchar, measured_value double, measured_state varchar,
    reported_value double, null_reason varchar);
create table fct_reported_figures (agency_code varchar, form varchar, row_code varchar, value double,
    null_reason varchar);
create table mart_index_766 (period_month date, reporting_calendar varchar, scope varchar, agency_code varchar,
    component_code varchar);
create table mart_par_index (period_month date, reporting_calendar varchar, agency_code varchar, criterion_code varchar);
create table int_reporting_agencies (agency_code varchar, name_vi varchar, is_rollup boolean);
create table stg_portal__dossier_versions (dossier_code varchar, agency_code varchar, received_at timestamptz,
    finished_at timestamptz, refused_at timestamptz, withdrawn_at timestamptz, status bigint,
    supplements struct(requested_at timestamptz, answered_at timestamptz, old_due_at timestamptz,
        new_due_at timestamptz)[], version_rank bigint, export_name varchar default 'portal_dossiers',
    due_at timestamptz, submitted_at timestamptz, returned_at timestamptz);
create table stg_ca__signatures (signature_id varchar, serial varchar, signed_at timestamptz);
create table int_document_days (document_id varchar, agency_code varchar, direction varchar, counted_date date);
create table int_version_conflicts (dossier_code varchar, agency_code varchar, versions bigint);
create table int_key_conflicts (entity varchar, row_code varchar, agency_code varchar, versions bigint);
create table int_carry_over_breaks (period_month date, agency_code varchar, dossier_code varchar, kind varchar,
    is_handed_over boolean);
create table int_unreceived_dossiers (dossier_code varchar, agency_code varchar, status bigint);
"""

ROWS = """
set timezone = 'Asia/Ho_Chi_Minh';
insert into landing.period values ('2023-04-01', 'nd09', '2023-03-15', '2023-04-15', '2023-03-15', '2023-04-14',
    '2023-03-01');
insert into landing.year_months values ('2023-01-01', 1), ('2023-02-01', 1), ('2023-03-01', 1);
insert into landing.exports values
    ('portal_dossiers', 'dossiers', 'portal', 'b1', 'landed', 8, 8, 8, 0, 0, 0, 1),
    ('portal_procedures', 'procedures', 'portal', 'b2', 'landed', 2, 2, 2, 0, 0, 0, 1),
    ('dms_documents', 'documents', 'dms', 'b3', 'landed', 5, 5, 4, 0, 0, 1, 1),
    ('ca_certificates', 'certificates', 'ca', 'b4', 'landed', null, 2, 2, 0, 0, 0, 1),
    ('ca_signatures', 'signatures', 'ca', 'b5', 'landed', 2, 2, 2, 0, 0, 0, 1);
insert into landing.history
    select 'portal_dossiers', m, 8 from unnest([date '2023-01-01', date '2023-02-01', date '2023-03-01']) t(m);
insert into dim_agencies values
    ('30', '2004-07-08', null, 'Tỉnh Hải Dương', 'province', null, null, null, null),
    ('11122', '2004-07-08', null, 'Xã Quảng Nghiệp', 'commune', '30', '000.22.26.H23', '2022-12-15', null),
    ('11119', '2004-07-08', null, 'Xã Đại Hợp', 'commune', '30', '000.19.26.H23', '2022-12-15', null);
insert into dim_indicators values
    ('dossiers_received', '1', 'Hồ sơ tiếp nhận trong kỳ', 'flow', null, '2018-06-21', null, 'dossiers', 'received', null),
    ('dossiers_pending', '1', 'Hồ sơ đang giải quyết cuối kỳ', 'closing_stock', null, '2018-06-21', null, 'dossiers',
        'pending', null),
    ('online_share', '1', 'Tỷ lệ hồ sơ trực tuyến', 'flow', 'received', '2018-06-21', null, 'dossiers',
        'received channel:online', 'dossiers'),
    ('documents_outgoing', '1', 'Văn bản đi', 'flow', null, '2018-06-21', null, 'documents',
        'counted direction:outgoing', null),
    ('signed_share', '1', 'Tỷ lệ văn bản đi được ký số', 'flow', 'counted direction:outgoing', '2018-06-21', null,
        'documents', 'counted direction:outgoing signed', 'documents'),
    ('documents_incoming', '1', 'Văn bản đến', 'flow', null, '2018-06-21', null, 'documents',
        'counted direction:incoming', null),
    ('certificates_personal', '1', 'Chứng thư số cá nhân', 'closing_stock', null, '2018-06-21', null, 'certificates',
        'valid holder:person', null);
insert into int_reporting_agencies values
    ('11122', 'Xã Quảng Nghiệp', false), ('11119', 'Xã Đại Hợp', false), ('30', 'Tỉnh Hải Dương', true);
insert into int_agency_rollups values ('11122', '30', true), ('11119', '30', true);
insert into dim_procedures select '2023-04-01', a, '1.001193', '2020-01-01', null from unnest(['11122', '11119']) t(a);
insert into dim_certificates values
    ('2023-04-01', 'AA000001', '11122', '2022-01-01', '2024-12-31', null),
    ('2023-04-01', 'AA000002', '11119', '2022-01-01', '2024-12-31', null);
insert into fct_dossiers
    select '2023-04-01', a || '-1', a, '2023-03-20 08:00', '2023-03-20 08:00', '2023-03-25 17:00', '2023-03-22 09:00',
        null, null, '2023-03-22 10:00', a from unnest(['11122', '11119']) t(a);
insert into fct_dossiers
    select '2023-04-01', a || '-2', a, null, '2023-04-01 08:00', null, null, '2023-04-02 08:00', null, null, a
    from unnest(['11122', '11119']) t(a);
insert into fct_dossiers
    select '2023-04-01', a || '-3', a, null, '2023-04-03 08:00', '2023-04-20 17:00', null, null, '2023-04-04 08:00', null, a
    from unnest(['11122', '11119']) t(a);
insert into fct_dossiers
    select '2023-04-01', a || '-4', a, null, '2023-03-01 08:00', '2023-04-30 17:00', null, null, null, null, a
    from unnest(['11122', '11119']) t(a);
insert into stg_portal__dossier_versions
    select dossier_code, agency_code, received_at, finished_at, refused_at, withdrawn_at,
        case when finished_at is not null then 10 when refused_at is not null then 3
            when withdrawn_at is not null then 7 else 4 end, [], 1, 'portal_dossiers', due_at, submitted_at, returned_at
    from fct_dossiers;
update stg_portal__dossier_versions set supplements = [{'requested_at': timestamptz '2023-03-10 08:00',
    'answered_at': timestamptz '2023-03-12 08:00', 'old_due_at': timestamptz '2023-04-20 17:00',
    'new_due_at': timestamptz '2023-04-30 17:00'}] where dossier_code = '11122-4';
-- Until the end of 2023 the clock's due dates are the promised ones, and every weekday is worked for 8 hours.
alter table fct_dossiers add column clock_due_at timestamptz;
alter table fct_dossiers add column pauses struct(from_at timestamptz, to_at timestamptz, kind varchar)[];
update fct_dossiers set clock_due_at = due_at, pauses = [];
alter table fct_dossiers add column ended_at timestamptz;
alter table fct_dossiers add column received_date date;
alter table fct_dossiers add column is_received boolean;
alter table fct_dossiers add column is_resolved boolean;
alter table fct_dossiers add column is_pending_overdue boolean default false;
alter table fct_dossiers add column result_electronic boolean;
alter table fct_dossiers add column procedure_code varchar default '1.001193';
alter table fct_dossiers add column channel varchar default 'in_person';
alter table fct_dossiers add column applicant_type varchar default 'citizen';
alter table fct_dossiers add column fee_vnd bigint;
alter table fct_dossiers add column rating bigint;
alter table fct_dossiers add column ended_date date;
alter table fct_dossiers add column export varchar default 'portal_dossiers';
update fct_dossiers set ended_at = least(finished_at, refused_at, withdrawn_at), received_date = received_at::date,
    ended_date = least(finished_at, refused_at, withdrawn_at)::date,
    is_received = received_at >= '2023-03-15', is_resolved = finished_at is not null,
    result_electronic = finished_at is not null;
insert into dim_working_days select 'common', day, 28800 * coalesce(count(*) filter (isodow(day) <= 5) over (
    order by day rows between unbounded preceding and 1 preceding), 0), isodow(day) <= 5, null
    from (select unnest(generate_series(date '2023-01-01', date '2023-12-31', interval 1 day))::date as day);
insert into fct_documents
    select '2023-04-01', a || '/VB-1', a, 'outgoing', '2023-04-10', null, '2023-04-10 09:00', '2023-04-10', true, true
    from unnest(['11122', '11119']) t(a);
insert into fct_documents
    select '2023-04-01', '77/CV-UBND', a, 'incoming', '2023-04-05', '2023-04-06 09:00', null, '2023-04-06', true, false
    from unnest(['11122', '11119']) t(a);
insert into fct_signatures values
    ('2023-04-01', 'SIG-1', '11122', '11122/VB-1', 'AA000001', '2023-04-10 08:30', 'valid'),
    ('2023-04-01', 'SIG-2', '11119', '11119/VB-1', 'AA000002', '2023-04-10 08:30', 'valid');
insert into int_document_days select document_id, agency_code, direction, counted_date from fct_documents;
alter table fct_documents add column reporting_agency_code varchar;
alter table fct_documents add column answers_dossier_code varchar;
alter table fct_documents add column exchange_form varchar default 'electronic';
alter table fct_documents add column exchange_status varchar default '01';
alter table fct_documents add column export varchar default 'dms_documents';
alter table fct_signatures add column dossier_code varchar;
alter table fct_signatures add column export varchar default 'ca_signatures';
alter table dim_certificates add column reporting_agency_code varchar;
update fct_documents set reporting_agency_code = agency_code;
update dim_certificates set reporting_agency_code = agency_code;
insert into stg_ca__signatures select signature_id, serial, signed_at from fct_signatures;
insert into landing.reads select export, '2023-04-15 00:05' from landing.exports;
insert into landing.accepted_rows
    select 'dossiers', agency_code, count(*) from fct_dossiers group by all
    union all select 'documents', agency_code, count(*) from fct_documents group by all
    union all select 'procedures', agency_code, count(*) from dim_procedures group by all
    union all select 'certificates', agency_code, count(*) from dim_certificates group by all;
insert into landing.earlier_months values ('2023-03-01', 1, '2023-02-15', '2023-03-14'),
    ('2023-02-01', 2, '2023-01-15', '2023-02-14'), ('2023-01-01', 3, '2022-12-15', '2023-01-14');
-- Both communes sent their form, with numbers of their own; what the records give stands beside two of its rows.
insert into fct_reported_figures
    select a, 'form_01b', unnest(['1.1.1', '1.1.2', '3.1.2', '3.1.3', '3.2', '3.2.1', '3.2.2', '3.2.3', '3.3.1.a', '3.3.1.b',
        '3.3.1.c', '3.3.1.d', '3.3.2.a', '3.3.2.b', '3.3.2.c', '3.3.2.d', '7.2.2.a', '7.2.2.b']),
        unnest([20 + n, 10, 5, 139, 30, 10, 9, 11, 6, 2, 4, 5, 6, 2, 4, 4, 0.6, 0.4]), null
    from (values ('11122', 0), ('11119', 1)) t(a, n);
insert into mart_form_01b
    select '2023-04-01', 'nd09', 'month', a, unnest(['3.3.1', '7.2.2.a']),
        unnest(['Số lượng hồ sơ đã tiếp nhận', 'Tỷ lệ văn bản được gửi hoàn toàn dưới dạng điện tử']),
        unnest(['Số lượng hồ sơ', '%']), unnest([3, 0.6]), 'ok', unnest([3, 0.6]), null
    from unnest(['11122', '11119']) t(a);
"""

# What the figures of the month make of themselves: they were the same in the months before, and Biểu 06 has one field.
OF_FIGURES = """
insert into landing.earlier_figures
    select m.period_month, v.agency_code, v.indicator_code, v.numerator, v.denominator
    from indicator_values as v cross join landing.earlier_months as m
    where v.scope = 'month' and v.state in ('ok', 'not_applicable');
insert into landing.earlier_signatures
    select period_month, agency_code, 1 from landing.earlier_months cross join unnest(['11122', '11119']) t(agency_code);
insert into mart_form_b06
    with n as (pivot (from indicator_values where state = 'ok') on indicator_code using any_value(value)
        group by scope, agency_code)
    select '2023-04-01', 'nd09', scope, agency_code, k.code, k.name, k.kind, 'ok',
        dossiers_received + dossiers_carried_over, dossiers_received_online,
        dossiers_received_in_person + dossiers_received_postal, dossiers_carried_over,
        dossiers_resolved + dossiers_refused + dossiers_withdrawn, dossiers_resolved_early,
        dossiers_resolved_on_time + dossiers_resolved_without_due_date + dossiers_refused + dossiers_withdrawn,
        dossiers_resolved_late, dossiers_pending, dossiers_pending_in_time, dossiers_pending_overdue
    from n cross join (values ('HT', 'Hộ tịch', 'field'), ('total', 'Tổng cộng', 'total')) k(code, name, kind);
"""


def indicator_rows() -> list[tuple[object, ...]]:
    """Every promised cell: the month as the dossiers above are, the year four times the month where it adds up."""
    rows: list[tuple[object, ...]] = []
    for agency, communes in (("11122", 1), ("11119", 1), ("30", 2)):
        for scope in ("month", "ytd"):
            for code in (*PROMISED, "procedures_in_force", "dossiers_rated"):
                is_stock = any(word in code for word in ("carried", "pending", "certificates", "in_force"))
                times = communes * (4 if scope == "ytd" and not is_stock else 1)
                if code == "staff_with_certificate_share":
                    cell = (None, None, None, "not_measured")
                elif code.endswith("_share"):
                    numerator, denominator = (part * times for part in _SHARES.get(code, (0, 0)))
                    share = numerator / denominator if denominator else None
                    cell = (numerator, denominator, share, "ok" if denominator else "not_applicable")
                else:
                    count = _COUNTS.get(code, 0) * times
                    cell = (count, None, float(count), "ok")
                rows.append((PERIOD.first_of_month, "nd09", scope, agency, code, *cell, 1.0))
    return rows


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(TABLES)
    connection.execute(ROWS)
    connection.executemany(
        "insert into indicator_values values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, default)", indicator_rows()
    )
    connection.execute(OF_FIGURES)


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def build(configured: Settings) -> Callable[..., Path]:
    """Writes the build file anew, then runs the given SQL on it: each call is another build of the same month."""
    return builder(configured)


def builder(configured: Settings) -> Callable[..., Path]:
    def written(*changes: str) -> Path:
        path = configured.build_file(PERIOD)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        connection = duckdb.connect(str(path))
        fill(connection)
        for change in changes:
            connection.execute(change)
        connection.close()
        return path

    return written
