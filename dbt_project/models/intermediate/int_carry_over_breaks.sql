-- Carried over into a month must be what was pending at the end of the month before, dossier by dossier. Compared where
-- both months are known and the same agency reported in both: not its predecessor, which had the same code.
with months as (
    select * from {{ ref('int_months') }} where is_known
),
communes as (
    select * from {{ ref('int_reporting_communes') }}
),
published_dossiers as (
    select * from {{ ref('stg_published__dossiers') }}
),
dossiers as (
    select * from {{ ref('fct_dossiers') }}
),
compared as (
    select
        now.period_month,
        now.agency_code,
        now.valid_from,
        months.previous_month
    from months
    inner join months as months_before on months.previous_month = months_before.period_month
    inner join communes as now on months.period_month = now.period_month
    inner join communes as before
        on months.previous_month = before.period_month
        and now.agency_code = before.agency_code
        and now.valid_from = before.valid_from
    where months.is_in_year
),
standings as (
    select
        period_month,
        agency_code,
        dossier_code,
        is_carried_over,
        is_pending
    from dossiers

    union all

    select
        published_dossiers.period_month,
        published_dossiers.agency_code,
        published_dossiers.dossier_code,
        published_dossiers.is_carried_over,
        published_dossiers.is_pending
    from published_dossiers
    inner join months on published_dossiers.period_month = months.period_month and not months.is_current
),
pending_before as (
    select
        compared.period_month,
        standings.agency_code,
        compared.valid_from,
        standings.dossier_code
    from compared
    inner join standings
        on compared.previous_month = standings.period_month
        and compared.agency_code = standings.agency_code
    where standings.is_pending
),
carried_over as (
    select
        compared.period_month,
        standings.agency_code,
        compared.valid_from,
        standings.dossier_code
    from compared
    inner join standings
        on compared.period_month = standings.period_month
        and compared.agency_code = standings.agency_code
    where standings.is_carried_over
),
final as (
    select
        coalesce(pending_before.period_month, carried_over.period_month) as period_month,
        coalesce(pending_before.agency_code, carried_over.agency_code) as agency_code,
        coalesce(pending_before.valid_from, carried_over.valid_from) as valid_from,
        coalesce(pending_before.dossier_code, carried_over.dossier_code) as dossier_code,
        case when carried_over.dossier_code is null then 'vanished' else 'appeared' end as kind
    from pending_before
    full outer join carried_over
        on pending_before.period_month = carried_over.period_month
        and pending_before.agency_code = carried_over.agency_code
        and pending_before.dossier_code = carried_over.dossier_code
    where pending_before.dossier_code is null or carried_over.dossier_code is null
)
select * from final
