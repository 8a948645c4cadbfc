-- The day that decides a document's month. A document without one, or whose day lies outside the month it was landed for, is in
-- no fact: the gate tells of it.
{{ config(materialized='view') }}

with documents as (
    select * from {{ ref('stg_dms__documents') }}
),
final as (
    select
        *,
        case
            when direction = 'incoming' then {{ local_date('received_at') }}
            else coalesce({{ local_date('sent_at') }}, issued_date)
        end as counted_date
    from documents
)
select * from final
