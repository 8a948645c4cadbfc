-- Staging joins landed rows to agencies by code and day; two agencies holding one code on one day would double the rows.
with agencies as (
    select * from {{ ref('dim_agencies') }}
),
held as (
    select
        'official' as code_kind,
        agency_code as code,
        agency_code,
        valid_from,
        valid_to
    from agencies

    union all

    select
        'identity' as code_kind,
        identity_code as code,
        agency_code,
        valid_from,
        valid_to
    from agencies
    where identity_code is not null
),
followed as (
    select
        *,
        max(coalesce(valid_to, date '9999-12-31')) over (
            partition by code_kind, code order by valid_from, agency_code
            rows between unbounded preceding and 1 preceding
        ) as held_until
    from held
),
final as (
    select
        code,
        agency_code,
        valid_from,
        held_until
    from followed
    where held_until >= valid_from
)
select * from final
