-- What a formula may name: an indicator's value, its numerator or its denominator, or a row of Phụ lục 01b as it was typed.
with indicator_values as (
    select * from {{ ref('indicator_values') }}
),
reported as (
    select * from {{ ref('fct_reported_figures') }} where form = 'form_01b'
),
scopes as (
    select 'month' as scope
    union all
    select 'ytd' as scope
),
final as (
    select
        scope,
        agency_code,
        indicator_code as term,
        value as amount,
        state
    from indicator_values

    union all

    select
        scope,
        agency_code,
        indicator_code || '.numerator' as term,
        cast(numerator as double) as amount,
        case when state = 'not_applicable' then 'ok' else state end as state
    from indicator_values

    union all

    select
        scope,
        agency_code,
        indicator_code || '.denominator' as term,
        cast(denominator as double) as amount,
        case when state = 'not_applicable' then 'ok' else state end as state
    from indicator_values

    union all

    -- The form of a month says how far the year has come; nobody adds the forms of the months up.
    select
        scopes.scope,
        reported.agency_code,
        '01b:' || reported.row_code as term,
        reported.value as amount,
        case when reported.value is null then 'not_measured' else 'ok' end as state
    from reported
    cross join scopes
)
select * from final
