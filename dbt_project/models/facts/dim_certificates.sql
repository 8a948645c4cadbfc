with certificates as (
    select * from {{ ref('stg_ca__certificates') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
answering as (
    select * from {{ ref('int_answering_agencies') }}
),
final as (
    select
        period.period_month,
        certificates.serial,
        certificates.agency_code,
        answering.valid_from as agency_valid_from,
        answering.reporting_agency_code,
        certificates.holder_type,
        certificates.holder_role,
        certificates.valid_from,
        certificates.valid_to,
        certificates.revoked_at,
        (
            {{ holds_on('certificates', 'period.last_date') }}
            and (certificates.revoked_at is null or certificates.revoked_at >= period.ends_at)
        ) as is_valid
    from certificates
    cross join period
    left join answering on {{ is_agency_of('answering', 'certificates', 'period.last_date') }}
)
select * from final
