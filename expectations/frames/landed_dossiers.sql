-- One row per landed dossier row, also those no fact counts. `…_undated` is set to the status where the version that counts
-- says how the dossier ended and the date of that end is missing. What was turned away (3) or withdrawn (7) before it was
-- received may lack it: such a dossier is counted nowhere.
select
    v.agency_code,
    v.dossier_code as row_key,
    v.received_at,
    bounds.ends_at,
    case when v.version_rank = 1 and v.status in (9, 10) and v.finished_at is null then v.status end as finished_undated,
    case
        when v.version_rank = 1 and v.status = 3 and v.received_at is not null and v.refused_at is null then v.status
    end as refused_undated,
    case
        when v.version_rank = 1 and v.status = 7 and v.received_at is not null and v.withdrawn_at is null then v.status
    end as withdrawn_undated
from stg_portal__dossier_versions as v
cross join bounds
