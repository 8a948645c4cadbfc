create or replace view dossiers as
select * exclude (is_latest) from fct_dossiers where is_latest;
