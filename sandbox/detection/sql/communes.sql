-- Chance is a hash of whose it is and of what for.
create macro chance(h, what) as (hash(h, what) % 1000003) / 1000003.0;
create macro pick(h, what, count) as (hash(h, what) % count)::bigint;
create macro at_minute(day, minutes) as (day + to_minutes(minutes::bigint))::timestamptz;
create macro serial_of(commune, slot, link) as upper(substr(md5(commune || '/' || slot || '/' || link), 1, 12)) || 'A0';

-- One row per commune: its size and its habits.
create table communes as
select
    i::integer as commune,
    format('000.{{:02d}}.{{:02d}}.H99', i // 90 + 1, i % 90 + 10) as agency_code,
    case when i < {communes} then 100 + pick(i, 'dossiers', 200) else 700 end as dossiers,
    -- One that begins in the month has nothing from before.
    case when i < {communes} then date '2000-01-01' else {since} end as begins,
    90 + pick(i, 'documents', 60) as documents,
    0.35 + 0.60 * chance(i, 'online') as online,
    0.01 + 0.05 * chance(i, 'postal') as postal,
    0.80 + 0.17 * chance(i, 'early') as early,
    0.01 + 0.05 * chance(i, 'late') as late,
    0.60 + 0.38 * chance(i, 'digitised') as digitised,
    0.30 + 0.60 * chance(i, 'paid') as paid,
    0.90 + 0.10 * chance(i, 'signed') as signed,
    0.60 + 0.38 * chance(i, 'electronic') as electronic,
    0.80 + 0.19 * chance(i, 'processed') as processed,
    16 + pick(i, 'staff', 10) as staff
from range({all_communes}) t(i);

create table staffing as
select agency_code, {last_date} as date, staff as staff_total from communes;

-- Every holder has an unbroken chain of certificates of five years: three leaders, most of the staff, two bodies. One of a retired
-- official was revoked long ago.
create table certificates as
select
    serial_of(commune, slot, link) as serial,
    agency_code,
    case when slot < 2 then 'organisation' else 'person' end as holder_type,
    case when slot < 2 then 'organisation' when slot < 5 then 'leader' else 'staff' end as holder_role,
    valid_from,
    valid_from + 1824 as valid_to,
    null::timestamptz as revoked_at
from (
    select *, date '2012-01-01' + (pick(commune * 100 + slot, 'issued', 1825) + link * 1825)::integer as valid_from
    from communes, (select unnest(range(20)) as slot), (select unnest(range(4)) as link)
    where slot < 5 + (staff - 3) * 3 // 5
)
where valid_from <= {last_date} and valid_from + 1824 >= {first_date} - 400
union all
select serial_of(commune, 99, 0), agency_code, 'person', 'staff', date '2021-03-01', date '2026-02-28',
    timestamptz '2022-09-01 09:00:00+07'
from communes;
