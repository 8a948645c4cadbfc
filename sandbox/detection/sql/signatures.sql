-- A signed document has the leader's signature and the office's; an electronic result has one, of the member of staff.
create table signatures as
with signers as (
    select
        serial,
        agency_code,
        valid_from,
        valid_to,
        holder_role
    from certificates
    where revoked_at is null
),
signed as (
    select
        d.agency_code,
        d.document_id,
        null::varchar as dossier_code,
        role.unnest as holder_role,
        d.sent_at - to_minutes(5 + pick(d.document_id, role.unnest, 60)) as signed_at,
        d.document_id || role.unnest as h
    from documents as d, unnest(['leader', 'organisation']) as role
    where d.direction = 'outgoing' and d.is_signed
    union all
    select
        agency_code,
        null,
        dossier_code,
        'staff',
        finished_at - interval 3 minute,
        dossier_code
    from dossiers
    where result_electronic and finished_at >= {starts} + interval 1 hour
),
with_signer as (
    select
        signed.*,
        signers.serial,
        row_number() over (partition by signed.h order by hash(signed.h, signers.serial)) as place
    from signed
    inner join signers
        on signed.agency_code = signers.agency_code
        and signed.holder_role = signers.holder_role
        and signed.signed_at::date between signers.valid_from and signers.valid_to
)
select
    'SIG-' || (90000 + (split_part(agency_code, '.', 2)::bigint - 1) * 90 + split_part(agency_code, '.', 3)::bigint - 10) || strftime({last_date}, '-%Y%m-')
        || format('{{:05d}}', row_number() over (partition by agency_code order by signed_at, h)) as signature_id,
    agency_code,
    document_id,
    dossier_code,
    serial,
    signed_at,
    case when holder_role <> 'leader' and chance(h, 'verified') < 0.01 then 'unknown' else 'valid' end as verification
from with_signer
where place = 1;
