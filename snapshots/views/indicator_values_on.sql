-- Month figures as on a given date: each published month's communes are mapped from the agencies of its last day to those of
-- `on_date`, and everything above is summed again by the hierarchy of that date. What nobody can allocate has rows of its own
-- (agency_code is null), so that communes and unallocated rows add up to their district and province.
create or replace macro indicator_values_on(on_date) as table
with recursive steps as (
    select
        from_code,
        from_valid_from,
        to_code,
        to_valid_from,
        event_date,
        -- Weights that come to more than everything say nothing.
        case when sum(weight) over (partition by from_code, from_valid_from) <= 1 then weight end as weight
    from agency_succession
    where to_code is not null
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
-- Months as published: communes (roll-ups are summed again), and what was left of agencies that were gone.
figures as (
    select
        v.period_month,
        v.reporting_calendar,
        v.indicator_code,
        a.agency_code,
        a.valid_from,
        s.last_date,
        v.numerator,
        v.denominator,
        v.state,
        v.coverage,
        v.definition_version,
        v.revision
    from indicator_values as v
    join snapshots as s on v.period_month = s.period_month and s.is_current
    join dim_agencies as a
        on v.agency_code = a.agency_code and s.last_date between a.valid_from and coalesce(a.valid_to, date '9999-12-31')
    where
        v.scope = 'month'
        -- Not a roll-up: those have no range of their own in which they report.
        and (
            a.level in ('commune', 'department')
            or s.last_date between a.reports_from and coalesce(a.reports_to, date '9999-12-31')
        )
    union all
    select
        v.period_month,
        v.reporting_calendar,
        v.indicator_code,
        v.agency_code,
        v.agency_valid_from as valid_from,
        s.last_date,
        v.numerator,
        v.denominator,
        case when v.numerator is null then 'withheld' else 'ok' end as state,
        case when v.numerator is null then 0 end as coverage,
        v.definition_version,
        s.revision
    from unallocated_values as v
    join snapshots as s on v.period_month = s.period_month and s.is_current
),
sources as (
    select distinct agency_code, valid_from, last_date from figures
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
        l.level,
        l.district_code,
        l.province_code,
        case when b.base_count = 1 then sum(p.weight) end as share
    from bases as b
    join paths as p on b.base_code = p.base_code and b.base_valid_from = p.base_valid_from
    join places as l on p.unit_code = l.agency_code and p.unit_valid_from = l.valid_from
    group by
        b.agency_code, b.valid_from, b.last_date, b.base_count, p.unit_code, l.level, l.district_code, l.province_code
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
),
targets as (
    select agency_code, valid_from, last_date, unit_code, level, district_code, province_code, share
    from units
    where share > 0
    union all
    select agency_code, valid_from, last_date, null, null, district_code, province_code, share
    from rests
    where share > 0
),
leaves as (
    select
        f.period_month,
        f.reporting_calendar,
        f.indicator_code,
        t.unit_code,
        t.level,
        t.district_code,
        t.province_code,
        max(f.definition_version) as definition_version,
        max(f.revision) as revision,
        sum(f.numerator::decimal(13, 0) * t.share::decimal(25, 24)) as numerator,
        sum(f.denominator::decimal(13, 0) * t.share::decimal(25, 24)) as denominator,
        sum(f.coverage * t.share::double) as covered,
        sum(t.share::double) filter (where f.coverage is not null) as expected,
        count(*) as parts,
        count(*) filter (where f.state in ('ok', 'not_applicable')) as known_parts,
        count(*) filter (where f.state = 'not_measured') as unmeasured_parts,
        count(*) filter (where f.state = 'withheld') as withheld_parts
    from figures as f
    join targets as t
        on f.agency_code = t.agency_code and f.valid_from = t.valid_from and f.last_date = t.last_date
    group by
        f.period_month, f.reporting_calendar, f.indicator_code, t.unit_code, t.level, t.district_code, t.province_code
),
nodes as (
    from leaves
    union all by name
    select * replace (district_code as unit_code, 'district' as level) from leaves where district_code is not null
    union all by name
    select * replace (province_code as unit_code, 'province' as level, null as district_code)
    from leaves where province_code is not null
),
summed as (
    select
        period_month,
        reporting_calendar,
        indicator_code,
        unit_code,
        level,
        district_code,
        province_code,
        max(definition_version) as definition_version,
        max(revision) as revision,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(covered) as covered,
        sum(expected) as expected,
        sum(parts) as parts,
        sum(known_parts) as known_parts,
        sum(unmeasured_parts) as unmeasured_parts,
        sum(withheld_parts) as withheld_parts
    from nodes
    group by all
),
-- A roll-up of the month that was withheld by itself has no figure under its name on another date either.
withheld_rollups as (
    select v.period_month, v.reporting_calendar, v.indicator_code, v.agency_code
    from indicator_values as v
    where v.scope = 'month' and v.state = 'withheld'
),
stated as (
    select
        summed.*,
        case
            when w.agency_code is not null then 'withheld'
            when known_parts = parts then
                case
                    when unit_code is null then 'unallocated'
                    when denominator = 0 then 'not_applicable'
                    else 'ok'
                end
            when unmeasured_parts = parts then 'not_measured'
            when withheld_parts > 0 and coalesce(level, '') not in ('district', 'province') then 'withheld'
            else 'incomplete'
        end as state
    from summed
    left join withheld_rollups as w
        on summed.level in ('district', 'province') and summed.unit_code = w.agency_code
        and summed.period_month = w.period_month and summed.reporting_calendar = w.reporting_calendar
        and summed.indicator_code = w.indicator_code
)
select
    period_month,
    reporting_calendar,
    'month' as scope,
    unit_code as agency_code,
    coalesce(level, 'unallocated') as level,
    district_code,
    province_code,
    indicator_code,
    case when state in ('ok', 'not_applicable', 'unallocated') then numerator end::decimal(38, 16) as numerator,
    case when state in ('ok', 'not_applicable', 'unallocated') then denominator end::decimal(38, 16) as denominator,
    case when state = 'ok' then coalesce(numerator::double / denominator::double, numerator::double) end as value,
    state,
    case when state = 'withheld' then 0 when expected > 0 then least(1, covered / expected) end as coverage,
    definition_version,
    revision
from stated;
