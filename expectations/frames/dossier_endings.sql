-- One row per landed dossier in the version that counts. A column is set to the status where the status says how the dossier
-- ended and the date of that end is missing. What was turned away (3) or withdrawn (7) before it was received may lack it: such
-- a dossier is counted nowhere.
select
    agency_code,
    dossier_code as row_key,
    case when status in (9, 10) and finished_at is null then status end as finished_undated,
    case when status = 3 and received_at is not null and refused_at is null then status end as refused_undated,
    case when status = 7 and received_at is not null and withdrawn_at is null then status end as withdrawn_undated
from stg_portal__dossiers
