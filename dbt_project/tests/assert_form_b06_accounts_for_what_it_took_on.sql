-- Biểu 06: (3) = (7) + (11). A dossier that ended before its reception breaks it by the source's fault; the gate then judges
-- the month, as it does every other fault of a source.
with form as (
    select * from {{ ref('mart_form_b06') }}
),
impossible as (
    select count(*) as dossiers
    from {{ ref('fct_dossiers') }}
    where ended_at < received_at
),
final as (
    select form.*
    from form
    cross join impossible
    where
        form.state = 'ok'
        and impossible.dossiers = 0
        and form.c3_taken_on <> form.c7_ended + form.c11_pending
)
select * from final
