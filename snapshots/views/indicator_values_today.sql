-- Figures as it is today. Today is the last day of the newest published month: the file has no clock.
create or replace view indicator_values_today as
select * from indicator_values_on((select max(last_date) from snapshots where is_current));
comment on view indicator_values_today is 'indicator_values by the agencies of today; indicator_values_on(date) by those of a date';
comment on column indicator_values_today.agency_code is 'agency of that date; null where nobody can allocate the figure';
comment on column indicator_values_today.level is 'commune, district or province on that date; unallocated';
comment on column indicator_values_today.district_code is 'district on that date; null where there is none or the parts lie in several';
comment on column indicator_values_today.province_code is 'province on that date; null where the parts lie in several';
comment on column indicator_values_today.numerator is 'count; of a split with weights a decimal part of one';
comment on column indicator_values_today.state is 'ok, not_applicable, not_measured, withheld, incomplete or unallocated';
comment on column indicator_values_today.coverage is 'share of the parts that were measured';
