-- A misspelt term would read as not measured for ever.
with formulas as (
    select * from {{ ref('int_formulas') }}
),
indicators as (
    select * from {{ ref('int_indicators_in_force') }}
),
form_rows as (
    select * from {{ ref('int_form_01b_rows') }}
),
known_terms as (
    select indicator_code as term from indicators
    union
    select indicator_code || '.numerator' as term from indicators
    union
    select indicator_code || '.denominator' as term from indicators
    where denominator_filter is not null
    union
    select '01b:' || row_code as term from form_rows
),
final as (
    select
        formulas.formula,
        word
    from formulas
    {{ each_item(words('formulas.formula'), 'word') }}
    left join known_terms on replace(word, '-', '') = known_terms.term
    where known_terms.term is null
)
select * from final
