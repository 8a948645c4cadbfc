"""The two-command start on one machine: `make run` (the DAG in process) and `make up` (a local Airflow with its UI)."""
