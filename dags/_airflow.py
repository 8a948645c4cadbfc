"""The one place where Airflow meets our code: its failure context and its connections."""

from __future__ import annotations


def secret(name: str) -> str:
    """The password of the connection `cchc_<name>`, else CCHC_SECRET_<NAME>. Raises MissingSecret when neither is there."""
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from cchc.settings import secret_from_environment

    try:
        password = Connection.get(f"cchc_{name}").password
    except AirflowNotFoundException:
        password = None
    return password or secret_from_environment(name)


def alert_unless_alerted(context) -> None:
    """Tells people about a failed task, unless its error says that an alert has gone out already (the gate's own)."""
    error = context.get("exception")
    if getattr(error, "alerted", False):
        return
    from cchc.close import alert_failed_task

    instance = context["task_instance"]
    period = instance.xcom_pull(task_ids="name_period", run_id=instance.run_id)  # late_exports has no month of its own
    months = () if period else instance.xcom_pull(task_ids="list_open_months", run_id=instance.run_id) or ()
    export = getattr(context["task"], "op_kwargs", {}).get("export")
    key = f"{instance.run_id} {instance.task_id} {instance.map_index}"
    alert_failed_task(period, instance.task_id, export, key, error, secret, months)
