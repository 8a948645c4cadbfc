"""Who reported in a published month: the agencies whose own figures it has, roll-ups left out, by the key of its last day."""

from __future__ import annotations

# Rows of (period_month, last_date, agency_code, valid_from, name_vi, parent_code), for a WITH clause. A deployment that names its
# provinces says no ranges of its agencies, so the figures are asked and not the ranges.
REPORTING = """
reporting as (
    select s.period_month, s.last_date, a.agency_code, a.valid_from, a.name_vi, a.parent_code
    from (select distinct period_month, agency_code from indicator_values where scope = 'month') as v
    join snapshots as s on v.period_month = s.period_month and s.is_current
    join dim_agencies as a
        on v.agency_code = a.agency_code and s.last_date between a.valid_from and coalesce(a.valid_to, date '9999-12-31')
    where
        a.level in ('commune', 'department')
        or s.last_date between a.reports_from and coalesce(a.reports_to, date '9999-12-31')
)
"""
