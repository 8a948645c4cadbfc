-- A month uses the row valid on its last day; two of them would double its points.
{%- set parts = [
    ('form_01b_rows', 'row_code'),
    ('index_766_components', 'component_code'),
    ('par_index_criteria', "province_code || ' ' || year || ' ' || criterion_code")
] %}

with versions as (
    {%- for seed, key in parts %}
    select
        '{{ seed }}' as seed,
        {{ key }} as row_key,
        version,
        valid_from,
        valid_to
    from {{ ref(seed) }}
    {{- '\n\n    union all\n' if not loop.last }}
    {%- endfor %}
),
final as (
    select
        earlier.seed,
        earlier.row_key,
        earlier.version,
        later.version as other_version
    from versions as earlier
    inner join versions as later
        on earlier.seed = later.seed
        and earlier.row_key = later.row_key
        and earlier.version <> later.version
    where
        {{ holds_on('earlier', 'later.valid_from') }}
)
select * from final
