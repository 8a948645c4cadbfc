-- Biểu 06 as it is today: as on the last day of the newest published month.
create or replace view mart_form_b06_today as
select * from mart_form_b06_on((select max(last_date) from snapshots where is_current));
comment on view mart_form_b06_today is 'mart_form_b06 by the agencies of today; mart_form_b06_on(date) by those of a date';
comment on column mart_form_b06_today.agency_code is 'agency of that date; null where nobody can allocate the dossiers';
comment on column mart_form_b06_today.level is 'commune, district or province on that date; unallocated';
comment on column mart_form_b06_today.district_code is 'district on that date; null where there is none or the parts lie in several';
comment on column mart_form_b06_today.province_code is 'province on that date; null where the parts lie in several';
comment on column mart_form_b06_today.state is 'ok, not_measured, withheld, incomplete or unallocated';
