-- Every dossier of the last hundred days with the whole life that it will have; then what is known of it when the month ends.
create table dossiers as
with arrivals as (
    select
        c.*,
        d.n,
        d.day,
        unnest(range(
            floor(c.dossiers / 21.0 * d.busy * (0.55 + 0.9 * chance(c.commune * 10000 + d.n, 'busy')) + chance(c.commune * 10000 + d.n, 'rest'))
            ::bigint
        )) as k
    from communes as c
    inner join days as d on d.day between greatest({first_date} - 100, c.begins) and {last_date}
),
drawn as (
    select
        *,
        (commune * 10000 + n) * 1000 + k as h
    from arrivals
),
asked as (
    select
        *,
        floor(60 * pow(chance(h, 'procedure'), 1.7))::bigint as procedure,
        case when chance(h, 'morning') < 0.6 then 450 + pick(h, 'minute', 210) else 810 + pick(h, 'minute', 180) end as minute,
        case
            when chance(h, 'online') < online then 'online'
            when chance(h, 'online') < online + (1 - online) * postal * 3 then 'postal'
            else 'in_person'
        end as channel,
        case when chance(h, 'outcome') < 0.975 then 'finished' when chance(h, 'outcome') < 0.985 then 'refused' else 'withdrawn' end
            as outcome,
        chance(h, 'registered') < 0.004 as is_only_registered
    from drawn
),
promised as (
    select
        *,
        ([1, 1, 2, 2, 3, 3, 5, 5, 7, 10, 15, 0])[1 + pick(procedure, 'term', 12)] as term,
        case when chance(h, 'due') < 0.99 then true else false end as has_due
    from asked
),
worked as (
    select
        *,
        case
            when chance(h, 'pace') < early then floor(chance(h, 'used') * term)::bigint
            when chance(h, 'pace') < 1 - late then term
            else term + 1 + pick(h, 'late', 6)
        end as used,
        case when chance(h, 'supplement') < 0.15 and term >= 3 and has_due and outcome = 'finished' then 1 + pick(h, 'pause', 3) else 0 end
            as pause
    from promised
),
lived as (
    select
        worked.*,
        at_minute(worked.day, minute) as received_at,
        case when has_due then at_minute(due.day, 1020) end as first_due_at,
        case when has_due then at_minute(moved_due.day, 1020) end as moved_due_at,
        case when pause > 0 then at_minute(worked.day, minute) + interval 45 minute end as requested_at,
        -- At the same time of day, so that the pause is of whole working days.
        case when pause > 0 then at_minute(back.day, least(minute + 45, 570)) end as answered_at,
        case when used + pause = 0 then at_minute(worked.day, minute + 15 + pick(h, 'ends', 45))
            else at_minute(ended.day, 600 + pick(h, 'ends', 390)) end as ended_at
    from worked
    inner join days as due on due.n = worked.n + term
    inner join days as moved_due on moved_due.n = worked.n + term + pause
    inner join days as back on back.n = worked.n + pause
    inner join days as ended on ended.n = worked.n + used + pause
),
handed_over as (
    select
        *,
        case when chance(h, 'return') < 0.85 then ended_at + to_minutes(5 + pick(h, 'returned', 50))
            else ended_at + to_hours(24 + pick(h, 'returned', 48)) end as returned_at_last
    from lived
    where received_at < {ends} and (ended_at >= {starts} or received_at >= {starts})
),
known as (
    select
        *,
        ended_at < {ends} as has_ended,
        outcome = 'finished' and ended_at < {ends} as is_finished,
        outcome = 'finished' and returned_at_last < {ends} as is_returned,
        pause > 0 and requested_at < {ends} as is_asked,
        pause > 0 and answered_at < {ends} as is_answered
    from handed_over
)
select
    agency_code || '-' || strftime(day, '%y%m%d') || '-' || format('{{:04d}}', k + 1) as dossier_code,
    agency_code,
    format('1.{{:06d}}', procedure) as procedure_code,
    null::varchar as field_code,
    channel,
    null::varchar as service_level,
    (['citizen', 'citizen', 'citizen', 'business', 'organisation'])[1 + pick(h, 'applicant', 5)] as applicant_type,
    received_at - to_minutes(case when channel = 'online' then 5 + pick(h, 'submitted', 900) else 0 end) as submitted_at,
    case when not is_only_registered then received_at end as received_at,
    case when is_only_registered then null when is_answered then moved_due_at else first_due_at end as due_at,
    case when is_finished and not is_only_registered then ended_at end as finished_at,
    case when is_returned and not is_only_registered then returned_at_last end as returned_at,
    case when has_ended and outcome = 'refused' and not is_only_registered then ended_at end as refused_at,
    case when has_ended and outcome = 'withdrawn' and not is_only_registered then ended_at end as withdrawn_at,
    case
        when is_only_registered then 1
        when is_returned then 10
        when is_finished then 9
        when has_ended and outcome = 'refused' then 3
        when has_ended then 7
        when is_asked and not is_answered then 5
        else 4
    end as status,
    case when channel = 'postal' then 'postal' when channel = 'online' and chance(h, 'way') < 0.5 then 'online' else 'in_person' end
        as return_method,
    null::boolean as is_e_certification,
    chance(h, 'input') < digitised as input_digitised,
    chance(h, 'result') < digitised as result_digitised,
    chance(h, 'result') < digitised * 0.8 as result_electronic,
    chance(h, 'reused') < digitised * 0.4 as data_reused,
    case when procedure % 3 = 0 then (1 + pick(procedure, 'fee', 6)) * 5000 else 0 end as fee_vnd,
    procedure % 3 = 0 and chance(h, 'paid') < paid as paid_online,
    case when is_finished and chance(h, 'rated') < 0.4 then 5 - (pick(h, 'rating', 20) // 16) end as rating,
    case
        when is_only_registered then received_at
        else greatest(
            received_at, case when is_asked then requested_at end, case when is_answered then answered_at end,
            case when has_ended then ended_at end, case when is_returned then returned_at_last end
        )
    end as updated_at,
    case when is_asked and not is_only_registered then [{{
        'requested_at': requested_at,
        'answered_at': case when is_answered then answered_at end,
        'old_due_at': first_due_at,
        'new_due_at': case when is_answered then moved_due_at end
    }}] else [] end as supplements,
    [
        {{'step': 2, 'started_at': received_at, 'finished_at': null::timestamptz, 'due_at': first_due_at}}
    ][:case when is_only_registered then 0 else 1 end] as steps,
    -- Civil status has a software of its own.
    case when procedure % 7 = 3 then 'civil_dossiers' else 'portal_dossiers' end as export
from known
where not is_only_registered or received_at >= {starts};
