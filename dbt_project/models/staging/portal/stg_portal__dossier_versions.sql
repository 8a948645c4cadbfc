{%- set content = [
    'dossier_code', 'agency_code', 'procedure_code', 'field_code', 'channel', 'service_level', 'applicant_type',
    'submitted_at', 'received_at', 'due_at', 'finished_at', 'returned_at', 'refused_at', 'withdrawn_at', 'status',
    'return_method', 'is_e_certification', 'input_digitised', 'result_digitised', 'result_electronic',
    'data_reused', 'fee_vnd', 'paid_online', 'rating', 'updated_at', in_order('supplements'),
    in_order('steps')
] -%}
{%- set received_on = local_date('source.received_at') -%}

{{ config(materialized='table') }}

with source as (
    select * from {{ source('landing', 'dossiers') }}
),
period as (
    select * from {{ ref('stg_landing__period') }}
),
agencies as (
    select * from {{ ref('dim_agencies') }}
    where identity_code is not null
),
spellings as (
    {{ agency_spellings('source') }}
),
-- Few keys come again: only their rows are digested and put in order.
repeated as (
    select dossier_code
    from source
    group by dossier_code
    having count(*) > 1
),
mapped as (
    select
        source.dossier_code,
        {{ agency_found() }} as agency_code,
        coalesce(agency_then.valid_from, agency_now.valid_from) as agency_valid_from,
        source.procedure_code,
        source.field_code,
        source.channel,
        source.service_level,
        source.applicant_type,
        source.submitted_at,
        source.received_at,
        source.due_at,
        source.finished_at,
        source.returned_at,
        source.refused_at,
        source.withdrawn_at,
        source.status,
        source.return_method,
        source.is_e_certification,
        source.input_digitised,
        source.result_digitised,
        source.result_electronic,
        source.data_reused,
        source.fee_vnd,
        source.paid_online,
        source.rating,
        source.updated_at,
        source.supplements,
        source.steps,
        source.export as export_name,
        repeated.dossier_code is not null as comes_again
    from source
    cross join period
    left join repeated on source.dossier_code = repeated.dossier_code
    {{ join_agencies('coalesce(' ~ received_on ~ ', period.last_date)') }}
),
digested as (
    select
        *,
        {{ content_digest(content) }} as content_digest
    from mapped
    where comes_again
),
final as (
    select
        *,
        row_number() over (
            partition by dossier_code order by updated_at desc nulls last, content_digest asc, export_name asc
        ) as version_rank
    from digested

    union all

    select
        *,
        cast(null as varchar) as content_digest,
        1 as version_rank
    from mapped
    where not comes_again
)
select * from final
