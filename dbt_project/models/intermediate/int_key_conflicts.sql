-- Entities without an update time: two rows of one key with different content cannot be told apart. A code and its agency stand
-- here once: a document may conflict on its way in and on its way out, a procedure in several stretches of days.
{%- set parts = [
    ('documents', 'stg_dms__document_versions', 'document_id', ['document_id', 'agency_code', 'direction']),
    ('procedures', 'stg_portal__procedure_versions', 'procedure_code', ['procedure_code', 'agency_code', 'valid_from']),
    ('certificates', 'stg_ca__certificate_versions', 'serial', ['serial']),
    ('signatures', 'stg_ca__signature_versions', 'signature_id', ['signature_id']),
    ('staffing', 'stg_hr__staffing_versions', 'cast(as_of_date as varchar)', ['agency_code', 'as_of_date']),
] %}

with conflicts as (
    {%- for entity, model, code, key in parts %}
    select
        '{{ entity }}' as entity,
        {{ code }} as row_code,
        {{ 'cast(null as varchar)' if entity == 'signatures' else 'min(agency_code)' }} as agency_code,
        count(distinct content_digest) as versions
    from {{ ref(model) }}
    -- Few keys come again: only rows whose first column does are grouped.
    where {{ key[0] }} in (select {{ key[0] }} from {{ ref(model) }} where version_rank > 1)
    group by {{ code }}, {{ key | join(', ') }}
    having count(distinct content_digest) > 1
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),
final as (
    select
        entity,
        row_code,
        agency_code,
        max(versions) as versions
    from conflicts
    group by entity, row_code, agency_code
)
select * from final
