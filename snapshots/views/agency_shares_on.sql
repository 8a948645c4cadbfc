-- Of each month the agencies that reported, by the key of its last day. Roll-ups are not among them: they are summed again.
create or replace macro reporting_agencies() as table
select
    s.period_month,
    s.reporting_calendar,
    s.last_date,
    s.revision,
    a.agency_code,
    a.valid_from
from snapshots as s
join dim_agencies as a on s.last_date between a.valid_from and coalesce(a.valid_to, date '9999-12-31')
where
    s.is_current
    -- A roll-up has no range of its own in which it reports.
    and (
        a.level in ('commune', 'department')
        or s.last_date between a.reports_from and coalesce(a.reports_to, date '9999-12-31')
    );

-- What the published figures are sums of: those of the agencies that reported, and (of months) what was left of agencies that
-- were gone.
create or replace macro agency_figures() as table
select
    v.period_month,
    v.reporting_calendar,
    v.scope,
    v.indicator_code,
    a.agency_code,
    a.valid_from,
    a.last_date,
    true as is_reporting,
    v.numerator,
    v.denominator,
    v.state,
    v.coverage,
    v.definition_version,
    v.revision
from indicator_values as v
join reporting_agencies() as a on v.period_month = a.period_month and v.agency_code = a.agency_code
union all
select
    v.period_month,
    v.reporting_calendar,
    'month' as scope,
    v.indicator_code,
    v.agency_code,
    v.agency_valid_from as valid_from,
    s.last_date,
    false as is_reporting,
    v.numerator,
    v.denominator,
    case when v.numerator is null then 'withheld' else 'ok' end as state,
    case when v.numerator is null then 0 end as coverage,
    v.definition_version,
    s.revision
from unallocated_values as v
join snapshots as s on v.period_month = s.period_month and s.is_current;

-- The month of the year whose opening stock is an agency's own: its first one, unless it took over from an agency that had
-- figures in an earlier month of the year, and with them the stock.
create or replace macro opening_months() as table
with recursive first_months as (
    select
        agency_code,
        valid_from,
        year(period_month) as of_year,
        min(period_month) as period_month,
        min(last_date) as last_date
    from agency_figures()
    where scope = 'month'
    group by agency_code, valid_from, year(period_month)
),
before as (
    select
        agency_code,
        valid_from,
        of_year,
        period_month,
        agency_code as base_code,
        valid_from as base_valid_from,
        last_date as until_date
    from first_months
    union
    select
        before.agency_code,
        before.valid_from,
        before.of_year,
        before.period_month,
        s.from_code,
        s.from_valid_from,
        s.event_date - 1
    from before
    join agency_succession as s
        on before.base_code = s.to_code and before.base_valid_from = s.to_valid_from and s.event_date <= before.until_date
)
select agency_code, valid_from, period_month
from first_months as f
where not exists (
    from before as b
    join first_months as e
        on b.base_code = e.agency_code and b.base_valid_from = e.valid_from and b.of_year = e.of_year
    where
        b.agency_code = f.agency_code and b.valid_from = f.valid_from and b.of_year = f.of_year
        and e.period_month < f.period_month
);

-- What each agency of a month's last day is on `on_date`: one row per part with its share of it, which is not `is_known` (all of
-- it) where no weight says, and one without a unit for the share that nobody can allocate.
create or replace macro agency_shares_on(on_date) as table
with recursive totals as (
    select from_code, from_valid_from, coalesce(sum(weight), 0) as total_weight
    from agency_succession
    where to_code is not null
    group by all
),
steps as (
    select
        s.from_code,
        s.from_valid_from,
        s.to_code,
        s.to_valid_from,
        s.event_date,
        -- Weights that come to more than everything say nothing; beside those that come to it nothing is left.
        case when t.total_weight <= 1 then s.weight end as weight
    from agency_succession as s
    join totals as t on s.from_code = t.from_code and s.from_valid_from = t.from_valid_from
    where s.to_code is not null and (t.total_weight <> 1 or s.weight > 0)
),
standing as (
    select
        a.agency_code,
        a.valid_from,
        a.level,
        a.parent_code
    from dim_agencies as a
    where
        on_date between a.valid_from and coalesce(a.valid_to, date '9999-12-31')
        and not exists (
            from agency_succession as s
            where s.from_code = a.agency_code and s.from_valid_from = a.valid_from and s.event_date <= on_date
        )
),
places as (
    select
        a.agency_code,
        a.valid_from,
        a.level,
        case when p.level = 'district' then p.agency_code when g.level = 'district' then g.agency_code end as district_code,
        case when p.level = 'province' then p.agency_code when g.level = 'province' then g.agency_code end as province_code
    from standing as a
    left join standing as p on a.parent_code = p.agency_code
    left join standing as g on p.parent_code = g.agency_code
),
sources as (
    select distinct agency_code, valid_from, last_date, is_reporting from agency_figures()
),
-- Back in time: what an agency was before. One that took in several cannot be taken apart again.
before as (
    select
        agency_code,
        valid_from,
        last_date,
        agency_code as base_code,
        valid_from as base_valid_from,
        last_date as until_date
    from sources
    union
    select
        before.agency_code,
        before.valid_from,
        before.last_date,
        steps.from_code,
        steps.from_valid_from,
        steps.event_date - 1
    from before
    join steps
        on before.base_code = steps.to_code and before.base_valid_from = steps.to_valid_from
        and steps.event_date > on_date and steps.event_date <= before.until_date
),
bases as (
    select
        agency_code,
        valid_from,
        last_date,
        base_code,
        base_valid_from,
        count(*) over (partition by agency_code, valid_from, last_date) as base_count
    from (
        select distinct agency_code, valid_from, last_date, base_code, base_valid_from
        from before where base_valid_from <= on_date
    )
),
-- Forward in time: what an agency became, or may have become. A share is null where no weight says.
paths as (
    select distinct
        base_code,
        base_valid_from,
        base_code as unit_code,
        base_valid_from as unit_valid_from,
        base_valid_from as since,
        1::decimal(25, 24) as weight
    from bases
    union all
    select
        paths.base_code,
        paths.base_valid_from,
        steps.to_code,
        steps.to_valid_from,
        steps.event_date,
        (paths.weight * steps.weight)::decimal(25, 24)
    from paths
    join steps
        on paths.unit_code = steps.from_code and paths.unit_valid_from = steps.from_valid_from
        and steps.event_date > paths.since and steps.event_date <= on_date
),
units as (
    select
        b.agency_code,
        b.valid_from,
        b.last_date,
        p.unit_code,
        p.unit_valid_from,
        l.level,
        l.district_code,
        l.province_code,
        case when b.base_count = 1 then sum(p.weight) end as share,
        b.base_count = 1 and bool_and(p.weight is not null) as is_known
    from bases as b
    join paths as p on b.base_code = p.base_code and b.base_valid_from = p.base_valid_from
    join places as l on p.unit_code = l.agency_code and p.unit_valid_from = l.valid_from
    group by
        b.agency_code, b.valid_from, b.last_date, b.base_count, p.unit_code, p.unit_valid_from, l.level, l.district_code,
        l.province_code
),
rests as (
    select
        s.agency_code,
        s.valid_from,
        s.last_date,
        -- Where all that it may be lies in one district or province, the rest lies there whole.
        case when count(distinct u.district_code) = 1 and count(u.district_code) = count(*) then min(u.district_code) end
            as district_code,
        case when count(distinct u.province_code) = 1 and count(u.province_code) = count(*) then min(u.province_code) end
            as province_code,
        1 - coalesce(sum(u.share), 0) as share
    from sources as s
    left join units as u
        on s.agency_code = u.agency_code and s.valid_from = u.valid_from and s.last_date = u.last_date
    group by s.agency_code, s.valid_from, s.last_date
)
select u.*, s.is_reporting
from units as u
join sources as s using (agency_code, valid_from, last_date)
union all
select
    r.agency_code,
    r.valid_from,
    r.last_date,
    null as unit_code,
    null as unit_valid_from,
    null as level,
    r.district_code,
    r.province_code,
    r.share,
    true as is_known,
    s.is_reporting
from rests as r
join sources as s using (agency_code, valid_from, last_date)
where r.share > 0;
