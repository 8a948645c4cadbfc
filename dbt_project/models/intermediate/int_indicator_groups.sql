-- Rows with equal tokens are one group: what follows looks at groups and not at every row.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
dossiers as (
    select * from {{ ref('fct_dossiers') }}
),
documents as (
    select * from {{ ref('fct_documents') }}
),
certificates as (
    select * from {{ ref('dim_certificates') }}
),
procedures as (
    select * from {{ ref('dim_procedures') }}
),
staffing as (
    select * from {{ ref('stg_hr__staffing') }}
),
newest_staffing as (
    select
        staffing.agency_code,
        staffing.staff_total,
        row_number() over (partition by staffing.agency_code order by staffing.as_of_date desc) as place
    from staffing
    cross join period
    where staffing.as_of_date <= period.last_date
),
final as (
    select
        'dossiers' as fact,
        agency_code,
        agency_valid_from,
        procedure_code as member,
        tokens,
        count(*) as amount
    from dossiers
    group by agency_code, agency_valid_from, procedure_code, tokens

    union all

    select
        'documents' as fact,
        agency_code,
        agency_valid_from,
        cast(null as varchar) as member,
        tokens,
        count(*) as amount
    from documents
    group by agency_code, agency_valid_from, tokens

    union all

    select
        'certificates' as fact,
        agency_code,
        agency_valid_from,
        cast(null as varchar) as member,
        tokens,
        count(*) as amount
    from certificates
    group by agency_code, agency_valid_from, tokens

    union all

    select
        'procedures' as fact,
        agency_code,
        cast(null as date) as agency_valid_from,
        procedure_code as member,
        tokens,
        count(*) as amount
    from procedures
    group by agency_code, procedure_code, tokens

    union all

    select
        'staffing' as fact,
        agency_code,
        cast(null as date) as agency_valid_from,
        cast(null as varchar) as member,
        {{ list_of(["'staff'"]) }} as tokens,
        staff_total as amount
    from newest_staffing
    where place = 1
)
select * from final
