{%- set content = [
    'signature_id', 'document_id', 'dossier_code', 'serial', 'signed_at', 'verification'
] -%}

{{ config(materialized='table') }}

with source as (
    select * from {{ source('landing', 'signatures') }}
),
digested as (
    select
        signature_id,
        document_id,
        dossier_code,
        serial,
        signed_at,
        verification,
        export as export_name,
        {{ content_digest(content) }} as content_digest
    from source
),
final as (
    select
        *,
        row_number() over (
            partition by signature_id order by content_digest, export_name
        ) as version_rank
    from digested
)
select * from final
