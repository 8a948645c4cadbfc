-- Each formula that a form or an index of the day uses, once. A formula is a sum: terms with one space between, a minus sign
-- before one that is taken away.
with form_rows as (
    select * from {{ ref('int_form_01b_rows') }}
),
components as (
    select * from {{ ref('int_index_766_components') }}
),
criteria as (
    select * from {{ ref('int_par_index_criteria') }}
),
final as (
    select measured_by as formula from form_rows where measured_by is not null
    union
    select numerator as formula from components where numerator is not null
    union
    select denominator as formula from components where denominator is not null
    union
    select needs as formula from components where needs is not null
    union
    select numerator as formula from criteria where numerator is not null
    union
    select denominator as formula from criteria where denominator is not null
)
select * from final
