-- What every filter of the catalogue can ask for, as tokens. Rows with equal tokens are one group, so the catalogue is
-- compared with some hundred groups and not with every row.
with period as (
    select * from {{ ref('stg_landing__period') }}
),
dossiers as (
    select * from {{ ref('fct_dossiers') }}
),
documents as (
    select * from {{ ref('fct_documents') }}
),
certificates as (
    select * from {{ ref('dim_certificates') }}
),
procedures as (
    select * from {{ ref('dim_procedures') }}
),
staffing as (
    select * from {{ ref('stg_hr__staffing') }}
),
newest_staffing as (
    select
        staffing.agency_code,
        staffing.staff_total,
        row_number() over (partition by staffing.agency_code order by staffing.as_of_date desc) as place
    from staffing
    cross join period
    where staffing.as_of_date <= period.last_date
),
tokens as (
    select
        'dossiers' as fact,
        agency_code,
        agency_valid_from,
        procedure_code as member,
        {{ list_of([
            token('received', 'is_received'),
            token('carried_over', 'is_carried_over'),
            token('resolved', 'is_resolved'),
            token('refused', 'is_refused'),
            token('withdrawn', 'is_withdrawn'),
            token('pending', 'is_pending'),
            token('overdue', 'is_pending_overdue'),
            token('in_time', 'is_pending and not is_pending_overdue'),
            valued_token('timeliness', 'timeliness'),
            token('within_due_date', "timeliness in ('early', 'on_time')"),
            valued_token('channel', 'channel'),
            valued_token('level', 'service_level'),
            valued_token('applicant', 'applicant_type'),
            token('e_certification', 'is_e_certification'),
            token('input_digitised', 'input_digitised'),
            token('result_digitised', 'result_digitised'),
            token('result_electronic', 'result_electronic'),
            token('result_electronic_known', 'result_electronic is not null'),
            token('data_reused', 'data_reused'),
            token('data_reused_known', 'data_reused is not null'),
            token('with_fee', 'fee_vnd > 0'),
            token('paid_online', 'paid_online'),
            token('rated', 'rating is not null'),
            token('disliked', 'rating <= 2'),
        ]) }} as tokens,
        1 as amount
    from dossiers

    union all

    select
        'documents' as fact,
        agency_code,
        agency_valid_from,
        cast(null as varchar) as member,
        {{ list_of([
            token('counted', 'is_counted'),
            token('recalled', 'is_recalled'),
            valued_token('direction', 'direction'),
            valued_token('form', 'exchange_form'),
            token('signed', 'is_signed'),
            token('processed_online', 'processed_online'),
            token('published_on_web', 'published_on_web'),
        ]) }} as tokens,
        1 as amount
    from documents

    union all

    select
        'certificates' as fact,
        agency_code,
        agency_valid_from,
        cast(null as varchar) as member,
        {{ list_of([
            token('valid', 'is_valid'),
            valued_token('holder', 'holder_type'),
            valued_token('role', 'holder_role'),
        ]) }} as tokens,
        1 as amount
    from certificates

    union all

    select
        'procedures' as fact,
        agency_code,
        cast(null as date) as agency_valid_from,
        procedure_code as member,
        {{ list_of([
            token('in_force', 'is_in_force'),
            valued_token('level', 'service_level'),
            token('with_fee', 'has_fee'),
            token('e_certification', 'is_e_certification'),
        ]) }} as tokens,
        1 as amount
    from procedures

    union all

    select
        'staffing' as fact,
        agency_code,
        cast(null as date) as agency_valid_from,
        cast(null as varchar) as member,
        {{ list_of(["'staff'"]) }} as tokens,
        staff_total as amount
    from newest_staffing
    where place = 1
),
final as (
    select
        fact,
        agency_code,
        agency_valid_from,
        member,
        tokens,
        cast(sum(amount) as bigint) as amount
    from tokens
    group by
        fact,
        agency_code,
        agency_valid_from,
        member,
        tokens
)
select * from final
