"""Publication watch: which month should be out and is not, and which critical failure nobody has answered.

One run looks at one day, that on which its data interval ends; a manual run may name it (`on`, YYYY-MM-DD). Alerts that did
not arrive are sent again. Each matter is told once a step, so running again is harmless. A run fails when something could
not be delivered; clear it, or wait for the next day's.
"""

from __future__ import annotations

import pendulum
from _airflow import alert_unless_alerted, secret
from airflow.sdk import CronDataIntervalTimetable, Param, dag, task


@dag(
    dag_id="publication_watch",
    schedule=CronDataIntervalTimetable("30 7 * * *", timezone="Asia/Ho_Chi_Minh"),
    start_date=pendulum.datetime(2019, 12, 15, tz="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,
    params={
        "on": Param(
            None,
            type=["null", "string"],
            format="date",
            title="Xét đến ngày",
            description="Dạng YYYY-MM-DD; để trống thì lấy ngày kết thúc khoảng dữ liệu của lần chạy",
        ),
    },
    default_args={"on_failure_callback": alert_unless_alerted},
    tags=["daily"],
    doc_md=__doc__,
)
def publication_watch():
    @task
    def watch(params=None, data_interval_end=None) -> dict:
        from cchc.watch import day_of_run, watch_of_run

        return watch_of_run(day_of_run(params["on"], data_interval_end), secret)

    watch()


publication_watch()
