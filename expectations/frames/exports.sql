-- One row per export bound to the build. An export spans agencies, so agency_code is null.
with trailing_months as (
    select
        export,
        min(rows_read) as fewest,
        max(rows_read) as most,
        count(*) as months
    from landing.history
    group by export
)
select
    cast(null as varchar) as agency_code,
    e.export as row_key,
    e.rows_read,
    e.declared_rows,
    e.accepted + e.rejected + e.exact_duplicates + e.withheld as rows_accounted_for,
    e.rejected,
    case when e.rows_read > 0 then cast(e.rejected as double) / e.rows_read end as reject_share,
    bounds.reject_share_max,
    -- Fewer than three months say nothing about what is usual.
    case when t.months >= 3 then cast(floor(t.fewest * 0.5) as bigint) end as usual_least,
    case when t.months >= 3 then cast(ceil(t.most * 2.0) as bigint) end as usual_most
from landing.exports as e
cross join bounds
left join trailing_months as t on e.export = t.export
