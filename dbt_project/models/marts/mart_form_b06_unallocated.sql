-- Biểu 06 of what is left of agencies that are gone and that nobody follows whole, by field. No commune's form has it; those of
-- the roll-ups do. Withheld where one of the counts behind it is.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
figures as (
    select * from {{ ref('int_field_figures') }}
),
gone as (
    select * from {{ ref('int_answering_agencies') }}
    where not is_allocated and agency_code = heir_code and valid_from = heir_valid_from
),
withheld as (
    select distinct agency_code
    from {{ ref('stg_landing__withheld_cells') }}
    where scope = 'month' and indicator_code in ({{ form_b06_indicators() }})
),
final as (
    select
        period.period_month,
        period.reporting_calendar,
        figures.agency_code,
        figures.valid_from as agency_valid_from,
        figures.field_code,
        {{ form_b06_columns('figures', 'withheld.agency_code is null') }},
        case
            when figures.field_code = 'unknown' then 'Chưa rõ lĩnh vực'
            else coalesce(figures.field_name, figures.field_code)
        end as field_name
    from figures
    cross join period
    inner join gone
        on figures.agency_code = gone.agency_code
        and figures.valid_from = gone.valid_from
    left join withheld on figures.agency_code = withheld.agency_code
)
select * from final
