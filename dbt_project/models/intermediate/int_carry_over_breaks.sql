-- Carried over into a month must be what was pending at the end of the month before, dossier by dossier, for whoever answers in
-- the month. Compared where both months are known and the agency, or one that it (perhaps in part) took over from, had figures
-- in the month before. What an agency left that was divided may be handed over to those that it was divided into.
with months as (
    select * from {{ ref('int_months') }} where is_known
),
pairs as (
    select
        months.period_month,
        months.previous_month,
        months.last_date
    from months
    inner join months as months_before on months.previous_month = months_before.period_month
    where months.is_in_year
),
communes as (
    select * from {{ ref('int_reporting_communes') }}
),
heirs as (
    select * from {{ ref('int_agency_heirs') }}
),
paths as (
    select * from {{ ref('int_agency_paths') }}
),
published_dossiers as (
    select * from {{ ref('stg_published__dossiers') }}
),
dossiers as (
    select * from {{ ref('fct_dossiers') }}
),
standings as (
    select
        period_month,
        agency_code,
        agency_valid_from,
        dossier_code,
        is_carried_over,
        is_pending
    from dossiers
    where is_carried_over

    union all

    select
        published_dossiers.period_month,
        published_dossiers.agency_code,
        published_dossiers.agency_valid_from,
        published_dossiers.dossier_code,
        published_dossiers.is_carried_over,
        published_dossiers.is_pending
    from published_dossiers
    inner join months on published_dossiers.period_month = months.period_month and not months.is_current
    where published_dossiers.is_carried_over or published_dossiers.is_pending
),
answering as (
    select
        pairs.period_month,
        heirs.agency_code,
        heirs.valid_from,
        heirs.heir_code,
        heirs.heir_valid_from,
        heirs.exists_to < pairs.last_date as is_gone
    from pairs
    inner join heirs on {{ stands_on('heirs', 'pairs.last_date') }}
),
-- The communes of the month before, and all that they have become.
compared as (
    select distinct
        pairs.period_month,
        paths.heir_code as agency_code,
        paths.heir_valid_from as valid_from
    from pairs
    inner join communes as before on pairs.previous_month = before.period_month
    inner join paths
        on before.agency_code = paths.agency_code
        and before.valid_from = paths.valid_from
        and {{ stands_on('paths', 'pairs.last_date') }}
    inner join communes as now
        on pairs.period_month = now.period_month
        and paths.heir_code = now.agency_code
        and paths.heir_valid_from = now.valid_from

    union distinct

    select
        period_month,
        heir_code as agency_code,
        heir_valid_from as valid_from
    from answering
    where is_gone
),
pending_before as (
    select
        pairs.period_month,
        answering.heir_code as agency_code,
        answering.heir_valid_from as valid_from,
        standings.dossier_code
    from pairs
    inner join standings on pairs.previous_month = standings.period_month and standings.is_pending
    inner join answering
        on pairs.period_month = answering.period_month
        and standings.agency_code = answering.agency_code
        and standings.agency_valid_from = answering.valid_from
    inner join compared
        on pairs.period_month = compared.period_month
        and answering.heir_code = compared.agency_code
        and answering.heir_valid_from = compared.valid_from
),
carried_over as (
    select
        answering.period_month,
        answering.heir_code as agency_code,
        answering.heir_valid_from as valid_from,
        standings.dossier_code
    from standings
    inner join answering
        on standings.period_month = answering.period_month
        and standings.agency_code = answering.agency_code
        and standings.agency_valid_from = answering.valid_from
    inner join compared
        on answering.period_month = compared.period_month
        and answering.heir_code = compared.agency_code
        and answering.heir_valid_from = compared.valid_from
    where standings.is_carried_over
),
breaks as (
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
        and pending_before.valid_from = carried_over.valid_from
        and pending_before.dossier_code = carried_over.dossier_code
    where pending_before.dossier_code is null or carried_over.dossier_code is null
),
handed_over as (
    select distinct
        gave.period_month,
        gave.dossier_code
    from breaks as gave
    inner join breaks as took
        on gave.period_month = took.period_month
        and gave.dossier_code = took.dossier_code
        and took.kind = 'appeared'
    inner join pairs on gave.period_month = pairs.period_month
    inner join paths
        on gave.agency_code = paths.agency_code
        and gave.valid_from = paths.valid_from
        and took.agency_code = paths.heir_code
        and took.valid_from = paths.heir_valid_from
        and {{ stands_on('paths', 'pairs.last_date') }}
    where gave.kind = 'vanished'
),
final as (
    select
        breaks.period_month,
        breaks.agency_code,
        breaks.valid_from,
        breaks.dossier_code,
        breaks.kind,
        handed_over.dossier_code is not null as is_handed_over
    from breaks
    left join handed_over
        on breaks.period_month = handed_over.period_month
        and breaks.dossier_code = handed_over.dossier_code
)
select * from final
