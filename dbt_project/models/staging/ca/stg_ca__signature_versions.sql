{%- set content = [
    'signature_id', 'document_id', 'dossier_code', 'serial', 'signed_at', 'verification'
] -%}

{{ config(materialized='table') }}

with source as (
    select * from {{ source('landing', 'signatures') }}
),
-- Few keys come again: only their rows are digested and put in order.
repeated as (
    select signature_id
    from source
    group by signature_id
    having count(*) > 1
),
marked as (
    select
        source.signature_id,
        source.document_id,
        source.dossier_code,
        source.serial,
        source.signed_at,
        source.verification,
        source.export as export_name,
        repeated.signature_id is not null as comes_again
    from source
    left join repeated on source.signature_id = repeated.signature_id
),
digested as (
    select
        *,
        {{ content_digest(content) }} as content_digest
    from marked
    where comes_again
),
final as (
    select
        *,
        row_number() over (
            partition by signature_id order by content_digest, export_name
        ) as version_rank
    from digested

    union all

    select
        *,
        cast(null as varchar) as content_digest,
        1 as version_rank
    from marked
    where not comes_again
)
select * from final
