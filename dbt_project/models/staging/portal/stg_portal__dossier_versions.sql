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
mapped as (
    select
        source.dossier_code,
        coalesce(agency_then.agency_code, agency_now.agency_code, source.agency_code) as agency_code,
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
        source.export as export_name
    from source
    cross join period
    left join agencies as agency_then
        on source.agency_code = agency_then.identity_code
        and {{ holds_on('agency_then', 'coalesce(' ~ received_on ~ ', period.last_date)') }}
    left join agencies as agency_now
        on source.agency_code = agency_now.identity_code
        and {{ holds_on('agency_now', 'period.last_date') }}
),
digested as (
    select
        *,
        {{ content_digest(content) }} as content_digest
    from mapped
),
final as (
    select
        *,
        row_number() over (
            partition by dossier_code order by updated_at desc nulls last, content_digest asc, export_name asc
        ) as version_rank
    from digested
)
select * from final
