"""Late exports: read the open months again every day, and ask for a restatement of those that late records touch.

An open month is one of the last few that ended before the run's data interval did (CCHC_OPEN_MONTHS) and is published. Only
what changed is asked for where the profile says how. Nothing is published here: a month whose figures would differ gets a
run of `monthly_indicators` with the reason, once for the same records. An export that cannot be read stops no other.
"""

from __future__ import annotations

import pendulum
from _airflow import alert_unless_alerted, secret
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronDataIntervalTimetable, Param, dag, task

WRITER = "warehouse_writer"


@dag(
    dag_id="late_exports",
    schedule=CronDataIntervalTimetable("0 3 * * *", timezone="Asia/Ho_Chi_Minh"),
    start_date=pendulum.datetime(2019, 12, 15, tz="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,
    params={
        "until": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Xét các kỳ đã kết thúc đến hết ngày",
            description="Dạng YYYY-MM-DD; để trống khi chạy bằng tay thì lấy các kỳ công bố gần nhất",
        ),
    },
    default_args={"on_failure_callback": alert_unless_alerted},
    tags=["daily"],
    doc_md=__doc__,
)
def late_exports():
    @task(retries=0)
    def list_open_months(params=None, data_interval_end=None) -> list[str]:
        from cchc.late import open_months, until_of_run

        return open_months(until_of_run(params["until"], data_interval_end))

    @task
    def list_exports() -> list[str]:
        from cchc.close import export_names

        return export_names()

    @task(map_index_template="{{ task.op_kwargs['export'] }}", max_active_tis_per_dagrun=2)
    def reread_export(export: str, months: list[str]) -> None:
        from cchc.late import reread

        reread(export, months, secret=secret)

    # Builds each changed month on trial, so it takes the writer's turn.
    @task(retries=0, pool=WRITER, trigger_rule="all_done")
    def find_restatements(months: list[str]) -> list[dict]:
        from cchc.late import restatements

        return [
            {"trigger_run_id": found["run_id"], "conf": {"period": found["period"], "reason": found["reason"]}}
            for found in restatements(months)
        ]

    months = list_open_months()
    found = find_restatements(months)
    reread_export.partial(months=months).expand(export=list_exports()) >> found
    TriggerDagRunOperator.partial(
        task_id="ask_for_restatement",
        trigger_dag_id="monthly_indicators",
        logical_date=None,
        skip_when_already_exists=True,
    ).expand_kwargs(found)


late_exports()
