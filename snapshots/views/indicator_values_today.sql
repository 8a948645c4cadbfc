-- Figures as it is today. Today is the last day of the newest published month: the file has no clock.
create or replace view indicator_values_today as
select * from indicator_values_on((select max(last_date) from snapshots where is_current));
