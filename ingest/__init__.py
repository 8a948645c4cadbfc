"""Reads source systems into raw: profiles, clients, contracts, landing. Knows no Airflow and no dbt."""
