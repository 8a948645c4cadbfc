-- What the records give stands before what was typed; both are shown, so that a reader sees where they differ. Where the
-- records' figure is withheld, the row has none: a number that nobody could compare does not stand in for it.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
form_rows as (
    select * from {{ ref('int_form_01b_rows') }}
),
communes as (
    select * from {{ ref('int_reporting_communes') }} where is_current
),
formula_values as (
    select * from {{ ref('int_formula_values') }}
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
        period.period_month,
        period.reporting_calendar,
        scopes.scope,
        communes.agency_code,
        form_rows.row_code,
        form_rows.row_order,
        form_rows.parent_code,
        form_rows.label_vi,
        form_rows.unit,
        case
            when formula_values.state in ('ok', 'not_applicable') then 'measured'
            when formula_values.state = 'withheld' then 'withheld'
            when reported.row_code is not null then 'reported'
            else 'not_measured'
        end as origin,
        case
            when formula_values.state in ('ok', 'not_applicable', 'withheld') then formula_values.amount
            else reported.value
        end as value,
        form_rows.measured_by,
        formula_values.amount as measured_value,
        formula_values.state as measured_state,
        reported.value as reported_value,
        reported.value_text,
        reported.null_reason,
        form_rows.version as form_version,
        form_rows.note
    from form_rows
    cross join communes
    cross join scopes
    cross join period
    left join formula_values
        on form_rows.measured_by = formula_values.formula
        and scopes.scope = formula_values.scope
        and communes.agency_code = formula_values.agency_code
    -- A form is typed for the month, not for the year to date.
    left join reported
        on scopes.scope = 'month'
        and form_rows.row_code = reported.row_code
        and communes.agency_code = reported.agency_code
)
select * from final
