with source as (
    select * from {{ source('published', 'form_b06_unallocated') }}
),
final as (
    select
        period_month,
        agency_code,
        agency_valid_from,
        field_code,
        field_name,
        c3_taken_on as taken_on,
        c4_received_online as received_online,
        c5_received_otherwise as received_otherwise,
        c6_carried_over as carried_over,
        c7_ended as ended,
        c8_ended_early as ended_early,
        c9_ended_on_time as ended_on_time,
        c10_ended_late as ended_late,
        c11_pending as pending,
        c12_pending_in_time as pending_in_time,
        c13_pending_overdue as pending_overdue
    from source
)
select * from final
