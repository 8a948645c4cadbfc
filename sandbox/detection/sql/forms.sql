-- What each commune typed into form 01b: the figures of its records, and small numbers where the records have none.
create table reported_figures as
with received as (
    select
        d.agency_code,
        case when d.channel = 'online' then p.service_level else d.channel end as way,
        d.received_at >= {starts} as is_received,
        d.finished_at >= {starts} and d.finished_at::date <= d.due_at::date as is_in_time
    from dossiers as d
    inner join procedures as p on d.agency_code = p.agency_code and d.procedure_code = p.procedure_code
    where d.received_at is not null
),
by_commune as (
    select
        agency_code,
        count(*) filter (where is_received) as received,
        count(*) filter (where is_received and way = 'in_person') as received_a,
        count(*) filter (where is_received and way = 'postal') as received_b,
        count(*) filter (where is_received and way = 'partial') as received_c,
        count(*) filter (where is_received and way = 'full') as received_d,
        count(*) filter (where is_in_time) as in_time,
        count(*) filter (where is_in_time and way = 'in_person') as in_time_a,
        count(*) filter (where is_in_time and way = 'postal') as in_time_b,
        count(*) filter (where is_in_time and way = 'partial') as in_time_c,
        count(*) filter (where is_in_time and way = 'full') as in_time_d
    from received
    group by agency_code
),
letters as (
    select
        agency_code,
        count(*) filter (where direction = 'incoming') as incoming,
        count(*) filter (where direction = 'outgoing') as outgoing,
        count(*) filter (where direction = 'outgoing' and exchange_form = 'electronic') as electronic,
        count(*) filter (where direction = 'outgoing' and exchange_form = 'electronic_and_paper') as on_paper_too
    from documents
    where coalesce(exchange_status, '') not in ('13', '15')
    group by agency_code
),
catalogues as (
    select
        agency_code,
        count(*) as listed,
        count(*) filter (where service_level = 'partial') as partial,
        count(*) filter (where service_level = 'full') as in_full
    from procedures
    where valid_from <= {last_date} and coalesce(valid_to, {last_date}) >= {last_date}
    group by agency_code
),
listed as (
    select
        c.agency_code,
        1 + pick(c.commune, {last_date}, 20) as tasks,
        coalesce(l.incoming, 0) as incoming,
        coalesce(l.outgoing, 0) as outgoing,
        l.electronic / nullif(l.outgoing, 0) as electronic,
        l.on_paper_too / nullif(l.outgoing, 0) as on_paper_too,
        coalesce(p.listed, 0) as listed,
        coalesce(p.partial, 0) as partial,
        coalesce(p.in_full, 0) as in_full,
        s.staff_total,
        d.* exclude (agency_code)
    from communes as c
    left join by_commune as d on c.agency_code = d.agency_code
    left join letters as l on c.agency_code = l.agency_code
    left join catalogues as p on c.agency_code = p.agency_code
    left join staffing as s on c.agency_code = s.agency_code
),
typed as (
    select
        agency_code,
        unnest([
            {{'row_code': '1.1.1', 'unit': 'lần', 'number': tasks + 3.0}}, {{'row_code': '1.1.2', 'unit': 'lần', 'number': tasks}},
            {{'row_code': '1.2.1', 'unit': 'đơn vị', 'number': tasks % 4}}, {{'row_code': '1.3.1', 'unit': 'lần', 'number': tasks + 9}},
            {{'row_code': '1.3.2', 'unit': 'lần', 'number': tasks + 6}}, {{'row_code': '1.3.3', 'unit': 'lần', 'number': 1}},
            {{'row_code': '1.4.1', 'unit': 'phiếu', 'number': tasks * 3}}, {{'row_code': '2.1', 'unit': 'văn bản', 'number': 0}},
            {{'row_code': '3.1.1', 'unit': 'thủ tục', 'number': 0}}, {{'row_code': '3.1.2', 'unit': 'thủ tục', 'number': 0}},
            {{'row_code': '3.1.3', 'unit': 'thủ tục', 'number': listed}}, {{'row_code': '3.2', 'unit': 'thủ tục', 'number': listed}},
            {{'row_code': '3.2.1', 'unit': 'thủ tục', 'number': listed - 30}}, {{'row_code': '3.2.2', 'unit': 'thủ tục', 'number': 20}},
            {{'row_code': '3.2.3', 'unit': 'thủ tục', 'number': 10}},
            {{'row_code': '3.3.1', 'unit': 'hồ sơ', 'number': received}}, {{'row_code': '3.3.1.a', 'unit': 'hồ sơ', 'number': received_a}},
            {{'row_code': '3.3.1.b', 'unit': 'hồ sơ', 'number': received_b}}, {{'row_code': '3.3.1.c', 'unit': 'hồ sơ', 'number': received_c}},
            {{'row_code': '3.3.1.d', 'unit': 'hồ sơ', 'number': received_d}},
            {{'row_code': '3.3.2', 'unit': 'hồ sơ', 'number': in_time}}, {{'row_code': '3.3.2.a', 'unit': 'hồ sơ', 'number': in_time_a}},
            {{'row_code': '3.3.2.b', 'unit': 'hồ sơ', 'number': in_time_b}}, {{'row_code': '3.3.2.c', 'unit': 'hồ sơ', 'number': in_time_c}},
            {{'row_code': '3.3.2.d', 'unit': 'hồ sơ', 'number': in_time_d}},
            {{'row_code': '4.1', 'unit': 'người', 'number': 9}}, {{'row_code': '4.2', 'unit': 'người', 'number': staff_total - 9}},
            {{'row_code': '4.3', 'unit': 'người', 'number': staff_total}},
            {{'row_code': '7.2.1', 'unit': 'văn bản', 'number': incoming}}, {{'row_code': '7.2.2', 'unit': 'văn bản', 'number': outgoing}},
            {{'row_code': '7.2.2.a', 'unit': '%', 'number': round(electronic, 4)}},
            {{'row_code': '7.2.2.b', 'unit': '%', 'number': round(on_paper_too, 4)}},
            {{'row_code': '7.5.1', 'unit': 'thủ tục', 'number': partial}}, {{'row_code': '7.5.2', 'unit': 'thủ tục', 'number': in_full}}
        ], recursive := true)
    from listed
)
select
    agency_code,
    'form_01b' as form,
    row_code,
    unit,
    case when unit = '%' then replace(round(number * 100, 2)::varchar, '.', ',') || '%' else number::bigint::varchar end as value_text,
    number::decimal(18, 6) as value,
    null::varchar as null_reason
from typed
where number is not null;
