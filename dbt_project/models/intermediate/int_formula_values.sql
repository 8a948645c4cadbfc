with formulas as (
    select * from {{ ref('int_formulas') }}
),
agencies as (
    select * from {{ ref('int_reporting_agencies') }}
),
known_terms as (
    select * from {{ ref('int_formula_terms') }}
),
signed as (
    select
        formulas.formula,
        replace(word, '-', '') as term,
        case when word like '-%' then -1 else 1 end as sign
    from formulas
    {{ each_item(words('formulas.formula'), 'word') }}
),
scopes as (
    select 'month' as scope
    union all
    select 'ytd' as scope
),
summed as (
    select
        signed.formula,
        scopes.scope,
        agencies.agency_code,
        sum(signed.sign * known_terms.amount) as amount,
        max(case when known_terms.state = 'withheld' then 1 else 0 end) as lacks_trust,
        max(case when coalesce(known_terms.state, 'not_measured') = 'not_measured' then 1 else 0 end) as lacks_source,
        max(case when known_terms.state = 'incomplete' then 1 else 0 end) as lacks_part,
        max(case when known_terms.state = 'not_applicable' then 1 else 0 end) as lacks_base
    from signed
    cross join scopes
    cross join agencies
    left join known_terms
        on signed.term = known_terms.term
        and scopes.scope = known_terms.scope
        and agencies.agency_code = known_terms.agency_code
    group by signed.formula, scopes.scope, agencies.agency_code
),
stated as (
    select
        *,
        case
            when lacks_trust = 1 then 'withheld'
            when lacks_source = 1 then 'not_measured'
            when lacks_part = 1 then 'incomplete'
            when lacks_base = 1 then 'not_applicable'
            else 'ok'
        end as state
    from summed
),
final as (
    select
        formula,
        scope,
        agency_code,
        case when state = 'ok' then amount end as amount,
        state
    from stated
)
select * from final
