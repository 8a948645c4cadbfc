with period as (
    select * from {{ ref('stg_landing__period') }}
),
signatures as (
    select * from {{ ref('stg_ca__signatures') }}
),
certificates as (
    select * from {{ ref('dim_certificates') }}
),
final as (
    select
        period.period_month,
        signatures.signature_id,
        certificates.agency_code,
        signatures.document_id,
        signatures.dossier_code,
        signatures.serial,
        signatures.signed_at,
        signatures.verification,
        signatures.export_name as export
    from signatures
    cross join period
    left join certificates on signatures.serial = certificates.serial
    where signatures.signed_at >= period.starts_at and signatures.signed_at < period.ends_at
)
select * from final
