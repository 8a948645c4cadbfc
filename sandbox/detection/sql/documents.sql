-- Documents of the month's working days; every second outgoing one answers a dossier that ended on its day.
create table documents as
with drawn as (
    select
        c.*,
        d.n,
        d.day,
        unnest(range(
            floor(c.documents / 21.0 * d.busy * (0.6 + 0.8 * chance(c.commune * 10000 + d.n, 'post')) + chance(c.commune * 10000 + d.n, 'letters'))
            ::bigint
        )) as k
    from communes as c
    inner join days as d on d.day between {first_date} and {last_date}
),
moved as (
    select
        *,
        (commune * 10000 + n) * 1000 + k as h,
        case when chance((commune * 10000 + n) * 1000 + k, 'direction') < 0.35 then 'outgoing' else 'incoming' end as direction,
        at_minute(day, 470 + pick((commune * 10000 + n) * 1000 + k, 'moved', 530)) as moved_at
    from drawn
),
ended as (
    select
        agency_code,
        dossier_code,
        finished_at::date as day,
        finished_at,
        row_number() over (partition by agency_code, finished_at::date order by finished_at, dossier_code) as place
    from dossiers
    where finished_at >= {starts}
),
numbered as (
    select
        *,
        row_number() over (partition by agency_code, day, direction order by k) as place
    from moved
)
select
    case
        when m.direction = 'outgoing' then m.agency_code
        else format('000.00.{{:02d}}.H99', 20 + pick(m.h, 'sender', 40))
    end || strftime(m.day, ',%Y/%m/%d,') || (m.n % 500 * 100 + m.k + 1) || '/UBND-VP' as document_id,
    m.agency_code,
    m.direction,
    (['Công văn', 'Quyết định', 'Báo cáo', 'Thông báo', 'Kế hoạch'])[1 + pick(m.h, 'type', 5)] as document_type,
    case when m.direction = 'outgoing' then m.day else m.day - pick(m.h, 'way', 4)::integer end as issued_date,
    case when m.direction = 'incoming' then m.moved_at end as received_at,
    case when m.direction = 'outgoing' then greatest(m.moved_at, e.finished_at + interval 5 minute) end as sent_at,
    case
        when chance(m.h, 'form') < m.electronic then 'electronic'
        when chance(m.h, 'form') < m.electronic + (1 - m.electronic) * 0.8 then 'electronic_and_paper'
        else 'paper'
    end as exchange_form,
    case
        when m.direction = 'incoming' then null
        when chance(m.h, 'recalled') < 0.005 then '13'
        else (['01', '03', '03', '06'])[1 + pick(m.h, 'status', 4)]
    end as exchange_status,
    case when m.direction = 'incoming' then chance(m.h, 'processed') < m.processed end as processed_online,
    case when m.direction = 'outgoing' then chance(m.h, 'signed') < m.signed end as is_signed,
    chance(m.h, 'web') < 0.15 as published_on_web,
    e.dossier_code as answers_dossier_code
from numbered as m
left join ended as e
    on m.direction = 'outgoing' and m.agency_code = e.agency_code and m.day = e.day and m.place = e.place
    and m.place % 2 = 0;
