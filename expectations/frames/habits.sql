-- One row per reporting agency: of its dossiers taken in at the counter in the period, how many came in the half of the day
-- (7:00 to 12:00, to 18:00) that had fewer; of those resolved, the share that ended in the very instant of their reception,
-- and on the busiest day; of those rated, the one rating that all have. A file may give days without times, so that midnight is
-- no time; fewer than 50, 20, 30 and 50 cases say nothing.
with at_counter as (
    select
        reporting_agency_code as agency_code,
        least(
            count(*) filter (where hour(timezone('Asia/Ho_Chi_Minh', received_at)) between 7 and 11),
            count(*) filter (where hour(timezone('Asia/Ho_Chi_Minh', received_at)) between 12 and 17)
        ) as leaner_half
    from fct_dossiers
    where
        is_received
        and channel = 'in_person'
        and cast(timezone('Asia/Ho_Chi_Minh', received_at) as time) > time '00:00'
    group by reporting_agency_code
    having count(*) >= 50
),
ended as (
    select
        reporting_agency_code as agency_code,
        count(*) filter (where finished_at = received_at) / count(*) as copied_share
    from fct_dossiers
    where is_resolved and cast(timezone('Asia/Ho_Chi_Minh', received_at) as time) > time '00:00'
    group by reporting_agency_code
    having count(*) >= 20
),
days as (
    select
        reporting_agency_code as agency_code,
        ended_date,
        count(*) as dossiers
    from fct_dossiers
    where is_resolved
    group by all
),
busiest as (
    select
        agency_code,
        max(dossiers) / sum(dossiers) as busiest_day_share
    from days
    group by agency_code
    having sum(dossiers) >= 30
),
rated as (
    select
        reporting_agency_code as agency_code,
        min(rating) as only_rating
    from fct_dossiers
    where is_resolved and rating is not null
    group by reporting_agency_code
    having count(*) >= 50 and min(rating) = max(rating)
)
select
    a.agency_code,
    a.agency_code as row_key,
    c.leaner_half,
    b.busiest_day_share,
    o.only_rating,
    e.copied_share
from int_reporting_agencies as a
left join at_counter as c on a.agency_code = c.agency_code
left join ended as e on a.agency_code = e.agency_code
left join busiest as b on a.agency_code = b.agency_code
left join rated as o on a.agency_code = o.agency_code
where not a.is_rollup
