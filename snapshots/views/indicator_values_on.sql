-- Figures as on a given date: each published month's communes are mapped from the agencies of its last day to those of
-- `on_date`, and everything above is summed again by the hierarchy of that date. What nobody can allocate has rows of its own
-- (agency_code is null), so that a month's communes and unallocated rows add up to their district and province. The year to date is the
-- sum of the year's months as they look on that date.
create or replace macro indicator_values_on(on_date) as table
with shares as (
    from agency_shares_on(on_date)
),
kinds as (
    select indicator_code, max(kind) as kind from dim_indicators group by indicator_code
),
months as (
    select period_month, reporting_calendar, last_date, revision, ytd_basis from snapshots where is_current
),
years as (
    select p.period_month, p.reporting_calendar, m.period_month as of_month, m.last_date as of_date
    from months as p
    join months as m
        on p.reporting_calendar = m.reporting_calendar and year(p.period_month) = year(m.period_month)
        and m.period_month <= p.period_month
),
-- Years that rest on a month that was not there when they were published, or that was published again since.
outdated_years as (
    select
        p.period_month,
        (1 + count(m.revision)) / (1 + count(*)) as published_share
    from months as p, json_each(p.ytd_basis) as b
    left join months as m on b.key = strftime(m.period_month, '%Y-%m')
    where left(b.key, 4) = strftime(p.period_month, '%Y')
    group by p.period_month
    having not bool_and(coalesce(m.revision = try_cast(b.value::varchar as integer), false))
),
leaves as (
    select
        f.scope,
        f.period_month,
        f.reporting_calendar,
        f.indicator_code,
        k.kind,
        o.period_month is not null as is_opening,
        t.unit_code,
        t.unit_valid_from,
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
        count(*) filter (where f.state = 'withheld') as withheld_parts,
        count(*) filter (where not f.is_reporting) as left_parts
    from agency_figures() as f
    left join kinds as k on f.indicator_code = k.indicator_code
    join shares as t
        on f.agency_code = t.agency_code and f.valid_from = t.valid_from and f.last_date = t.last_date and t.share > 0
    left join opening_months() as o
        on f.agency_code = o.agency_code and f.valid_from = o.valid_from and f.period_month = o.period_month
    group by all
),
-- A distinct count of the year is no sum of months: it is that of the agencies of the year's last month, and what agencies that
-- were gone had in it is not known.
months_of_years as (
    select
        y.period_month as of_period,
        l.*,
        case l.kind
            when 'flow' then l.scope = 'month'
            when 'opening_stock' then l.scope = 'month' and l.is_opening
            when 'closing_stock' then l.scope = 'month' and l.period_month = y.period_month
            when 'distinct' then l.scope = 'ytd' and l.period_month = y.period_month
        end as is_taken
    from years as y
    join leaves as l on y.of_month = l.period_month and y.reporting_calendar = l.reporting_calendar
    where l.kind is not null
),
year_leaves as (
    select
        * exclude (of_period, is_taken) replace (
            'ytd' as scope,
            of_period as period_month,
            if(is_taken, numerator, null) as numerator,
            if(is_taken, denominator, null) as denominator,
            if(is_taken, covered, null) as covered,
            if(is_taken, expected, null) as expected,
            if(is_taken, parts, if(kind = 'distinct', left_parts, 0)) as parts,
            if(is_taken, known_parts, 0) as known_parts,
            if(is_taken, unmeasured_parts, 0) as unmeasured_parts,
            if(is_taken, withheld_parts, 0) as withheld_parts
        )
    from months_of_years
    where is_taken or scope = 'month'
),
scoped as (
    from leaves where scope = 'month'
    union all by name
    from year_leaves
),
nodes as (
    from scoped
    union all by name
    select * replace (district_code as unit_code, null as unit_valid_from, 'district' as level)
    from scoped where district_code is not null
    union all by name
    select * replace (province_code as unit_code, null as unit_valid_from, 'province' as level, null as district_code)
    from scoped where province_code is not null
),
summed as (
    select
        scope,
        period_month,
        reporting_calendar,
        indicator_code,
        kind,
        unit_code,
        unit_valid_from,
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
-- Whose year holds an unknown part of an agency that had figures in it: an agency that took over part of one, and a roll-up
-- that holds the part and not the whole.
parts_in_the_year as (
    select
        y.period_month,
        y.reporting_calendar,
        s.*,
        r.district_code as whole_in_district,
        r.province_code as whole_in_province
    from years as y
    join shares as s on y.of_date = s.last_date and s.unit_code is not null
    left join shares as r
        on s.agency_code = r.agency_code and s.valid_from = r.valid_from and s.last_date = r.last_date and r.unit_code is null
),
doubtful_years as (
    select period_month, reporting_calendar, level, unit_code from parts_in_the_year where is_reporting and not is_known
    union
    select period_month, reporting_calendar, 'district', district_code
    from parts_in_the_year
    where is_reporting and not is_known and district_code is distinct from whole_in_district
    union
    select period_month, reporting_calendar, 'province', province_code
    from parts_in_the_year
    where is_reporting and not is_known and province_code is distinct from whole_in_province
    union
    -- Dossiers vanished or appeared between two months.
    select y.period_month, y.reporting_calendar, c.level, c.unit_code
    from summed as c
    join summed as p
        on c.unit_code = p.unit_code and c.level = p.level and c.reporting_calendar = p.reporting_calendar
        and c.period_month = p.period_month + interval 1 month and c.numerator <> p.numerator
    join years as y on c.period_month = y.of_month and c.reporting_calendar = y.reporting_calendar
    where
        c.scope = 'month' and c.indicator_code = 'dossiers_carried_over' and p.scope = 'month'
        and p.indicator_code = 'dossiers_pending' and year(p.period_month) = year(c.period_month)
),
-- An agency that was the same all year stands as it was published.
same_all_year as (
    select period_month, reporting_calendar, unit_code, unit_valid_from
    from parts_in_the_year
    group by all
    having bool_and(agency_code = unit_code and valid_from = unit_valid_from and is_known and share = 1)
),
as_it_was as (
    select
        f.scope, f.period_month, f.reporting_calendar, f.indicator_code, s.unit_code, s.unit_valid_from, f.numerator,
        f.denominator, f.state, f.coverage
    from agency_figures() as f
    join same_all_year as s
        on f.agency_code = s.unit_code and f.valid_from = s.unit_valid_from and f.period_month = s.period_month
        and f.reporting_calendar = s.reporting_calendar
    where f.scope = 'ytd'
),
-- Who has figures in the month itself, and of whose year an agency's cell was withheld.
present as (
    select
        period_month,
        reporting_calendar,
        indicator_code,
        level,
        unit_code,
        sum(withheld_parts) filter (where scope = 'ytd') as withheld_years
    from (
        from leaves
        union all by name
        select * replace ('district' as level, district_code as unit_code) from leaves where district_code is not null
        union all by name
        select * replace ('province' as level, province_code as unit_code) from leaves where province_code is not null
    )
    where unit_code is not null
    group by all
),
-- A roll-up that was withheld by itself, or whose year could not be stated, has no figure under its name on another date either.
own_rollups as (
    select period_month, reporting_calendar, scope, indicator_code, agency_code, state
    from indicator_values
    where state = 'withheld' or (state = 'incomplete' and scope = 'ytd')
),
stated as (
    select
        summed.* replace (
            coalesce(w.numerator, summed.numerator) as numerator, coalesce(w.denominator, summed.denominator) as denominator
        ),
        w.coverage as coverage_as_it_was,
        case when summed.scope = 'ytd' and summed.kind in ('flow', 'distinct') then u.published_share end as published_share,
        case
            -- Its year ends in a month whose figures nobody can take apart for it, or in which it had none.
            when summed.scope = 'ytd' and summed.unit_code is not null and p.unit_code is null then 'incomplete'
            when w.state is not null then w.state
            when o.state is not null then o.state
            when summed.parts > 0 and summed.unmeasured_parts = summed.parts then 'not_measured'
            when coalesce(summed.level, '') not in ('district', 'province')
                and if(summed.scope = 'ytd', coalesce(p.withheld_years, summed.withheld_parts), summed.withheld_parts) > 0
                then 'withheld'
            when summed.known_parts < summed.parts or summed.numerator is null then 'incomplete'
            when summed.scope = 'ytd' and (d.period_month is not null or u.period_month is not null) then 'incomplete'
            when summed.unit_code is null then 'unallocated'
            when summed.denominator = 0 then 'not_applicable'
            else 'ok'
        end as state
    from summed
    left join own_rollups as o
        on summed.level in ('district', 'province') and summed.unit_code = o.agency_code and summed.scope = o.scope
        and summed.period_month = o.period_month and summed.reporting_calendar = o.reporting_calendar
        and summed.indicator_code = o.indicator_code
    left join as_it_was as w
        on summed.scope = w.scope and summed.unit_code = w.unit_code and summed.unit_valid_from = w.unit_valid_from
        and summed.period_month = w.period_month and summed.reporting_calendar = w.reporting_calendar
        and summed.indicator_code = w.indicator_code
    left join present as p
        on summed.unit_code = p.unit_code and summed.level = p.level and summed.period_month = p.period_month
        and summed.reporting_calendar = p.reporting_calendar and summed.indicator_code = p.indicator_code
    left join (select distinct * from doubtful_years) as d
        on summed.unit_code = d.unit_code and summed.level = d.level and summed.period_month = d.period_month
        and summed.reporting_calendar = d.reporting_calendar
    left join outdated_years as u on summed.period_month = u.period_month
)
select
    period_month,
    reporting_calendar,
    scope,
    unit_code as agency_code,
    coalesce(level, 'unallocated') as level,
    district_code,
    province_code,
    indicator_code,
    case when state in ('ok', 'not_applicable', 'unallocated') then numerator end::decimal(38, 16) as numerator,
    case when state in ('ok', 'not_applicable', 'unallocated') then denominator end::decimal(38, 16) as denominator,
    case when state = 'ok' then coalesce(numerator::double / denominator::double, numerator::double) end as value,
    state,
    case
        when state = 'withheld' then 0
        when coverage_as_it_was is not null then coverage_as_it_was
        when expected > 0 then least(1, covered / expected) * coalesce(published_share, 1)
    end as coverage,
    definition_version,
    revision
from stated;
comment on macro table indicator_values_on is 'indicator_values by the agencies of a date: from indicator_values_on(date ''2025-07-01'')';
