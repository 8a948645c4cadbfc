"""Monthly indicators: land every export of one reporting month, build its facts, audit them, publish the snapshot.

One run is one reporting month. A scheduled or backfill run takes the month that its data interval ends with; a manual
run must name it (`period`, YYYY-MM). Safe to run again: equal content publishes no new revision. Clear `land_export`
after a source was repaired; after a failed audit repair the source first, then clear from `land_export` on.
"""

from __future__ import annotations

import pendulum
from _airflow import alert_unless_alerted, secret
from airflow.sdk import Asset, CronDataIntervalTimetable, Param, dag, task

from cchc.settings import settings

SNAPSHOT = Asset("cchc://published/snapshot")
WRITER = "warehouse_writer"
# The day after the reporting month's last.
CLOSES_ON = {"nd09": "0 0 15 * *", "calendar": "0 0 1 * *"}[settings().calendar]


@dag(
    dag_id="monthly_indicators",
    schedule=CronDataIntervalTimetable(CLOSES_ON, timezone="Asia/Ho_Chi_Minh"),
    start_date=pendulum.datetime(2019, 12, 15, tz="Asia/Ho_Chi_Minh"),
    catchup=False,
    max_active_runs=1,
    params={
        "period": Param(
            None,
            type=["null", "string"],
            pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
            title="Kỳ báo cáo",
            description="Dạng YYYY-MM, ví dụ 2023-01; bắt buộc khi chạy bằng tay",
        ),
        "reason": Param(
            None,
            type=["null", "string"],
            maxLength=500,
            title="Lý do công bố lại",
            description="Ghi vào bản kê của lần công bố; không ghi thông tin cá nhân",
        ),
        "accept_fewer_rows_because": Param(
            None,
            type=["null", "string"],
            maxLength=500,
            title="Lý do chấp nhận ít dòng hơn hẳn thường lệ",
            description="Lưu cùng lần đọc; để trống thì bước đọc dừng khi số dòng ít bất thường",
        ),
    },
    default_args={"on_failure_callback": alert_unless_alerted},
    tags=["monthly", "published"],
    doc_md=__doc__,
)
def monthly_indicators():
    @task(retries=0)
    def name_period(params=None, dag_run=None, data_interval_end=None) -> str:
        from cchc.close import period_of_run

        return period_of_run(params["period"], dag_run.run_type, data_interval_end)

    @task
    def list_exports() -> list[str]:
        from cchc.close import export_names

        return export_names()

    # Retries of landing are the deployment's (AIRFLOW__CORE__DEFAULT_TASK_RETRIES); a verdict is never retried.
    @task(map_index_template="{{ task.op_kwargs['export'] }}", max_active_tis_per_dagrun=2)
    def land_export(export: str, period: str, params=None):
        from cchc.close import land

        return land(export, period, because=params["accept_fewer_rows_because"], secret=secret)

    @task(retries=0, pool=WRITER)
    def build(period: str) -> None:
        from cchc.close import build

        build(period)

    @task(retries=0, pool=WRITER)
    def audit(period: str):
        from cchc.close import audit

        return audit(period, secret=secret)

    @task(retries=0, pool=WRITER, outlets=[SNAPSHOT])
    def publish(period: str, params=None):
        from cchc.close import publish

        return publish(period, reason=params["reason"])

    period = name_period()
    landed = land_export.partial(period=period).expand(export=list_exports())
    landed >> build(period) >> audit(period) >> publish(period)


monthly_indicators()
