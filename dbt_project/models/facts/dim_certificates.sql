with certificates as (
    select * from {{ ref('stg_ca__certificates') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
final as (
    select
        period.period_month,
        certificates.serial,
        certificates.agency_code,
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
)
select * from final
