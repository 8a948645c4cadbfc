-- Biểu 06 as it is today: as on the last day of the newest published month.
create or replace view mart_form_b06_today as
select * from mart_form_b06_on((select max(last_date) from snapshots where is_current));
