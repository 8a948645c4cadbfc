-- The tables that a close publishes of one month, by hand: what somebody would write who needs them for this province and
-- nothing else. Written from the definitions (docs/the-clock.md, the catalogue of indicators), not from the models.
-- It takes for granted what the warehouse does not: no agency merged, was divided or changed its code, and none has hours of
-- its own; every code is spelled as in agencies.csv; one batch per export, nothing rejected and corrected; of two versions of a
-- dossier the newest wins; versions of one procedure do not overlap; every earlier month of the year is published and fits
-- the one after it; nothing is withheld; all instants lie inside the working calendar. No tests and no contracts.
--
-- Runs in the order of bench/by_hand.py, in one connection whose time zone is Asia/Ho_Chi_Minh.

create temp macro words(candidates) as list_filter(candidates, lambda word: word is not null);

create temp table agencies as
select agency_code, identity_code, level, parent_code, valid_from::date as valid_from
from read_csv($agencies, all_varchar = true);

create table dim_procedures as
select
    $period_month as period_month,
    coalesce(code.agency_code, p.agency_code) as agency_code,
    procedure_code,
    field_code,
    field_name,
    service_level,
    has_fee,
    is_e_certification,
    p.valid_from,
    p.valid_to,
    coalesce(p.valid_from <= $last_date, true) and coalesce(p.valid_to >= $last_date, true) as is_in_force,
    words([
        case when is_in_force then 'in_force' end,
        'level:' || service_level,
        case when has_fee then 'with_fee' end,
        case when is_e_certification then 'e_certification' end
    ]) as tokens
from read_parquet($procedures) as p
left join agencies as code on p.agency_code = code.identity_code;

create table dim_certificates as
select
    $period_month as period_month,
    serial,
    coalesce(code.agency_code, c.agency_code) as agency_code,
    code.valid_from as agency_valid_from,
    code.agency_code as reporting_agency_code,
    holder_type,
    holder_role,
    c.valid_from,
    c.valid_to,
    revoked_at,
    $last_date between c.valid_from and c.valid_to and coalesce(revoked_at >= $ends_at, true) as is_valid,
    words([case when is_valid then 'valid' end, 'holder:' || holder_type, 'role:' || holder_role]) as tokens
from read_parquet($certificates) as c
left join agencies as code on c.agency_code = code.identity_code;
