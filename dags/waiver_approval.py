"""Waiver approval: ask another person about the open waiver requests of a month; if approved, judge it again and publish.

Run it after `cchc waive` asked for a waiver, naming the month. Each request is a required action in Airflow's UI; whoever
answers is recorded as approver, and must not be who asked. The audit looks at the build that failed, so what is published is
what was asked about; without an approval nothing is judged. Clear `decide` to ask again.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from _airflow import alert_unless_alerted, secret
from _waivers import ApproveWaiver
from airflow.sdk import Asset, Param, dag, task

SNAPSHOT = Asset("cchc://published/snapshot")
WRITER = "warehouse_writer"


@dag(
    dag_id="waiver_approval",
    schedule=None,
    start_date=pendulum.datetime(2019, 12, 15, tz="Asia/Ho_Chi_Minh"),
    catchup=False,
    params={
        "period": Param(
            type="string",
            pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
            title="Kỳ báo cáo",
            description="Dạng YYYY-MM, ví dụ 2023-01",
        ),
        "reason": Param(
            None,
            type=["null", "string"],
            maxLength=500,
            title="Lý do công bố lại",
            description="Ghi vào bản kê của lần công bố; không ghi thông tin cá nhân",
        ),
    },
    default_args={"on_failure_callback": alert_unless_alerted, "retries": 0},
    tags=["waivers", "published"],
    doc_md=__doc__,
)
def waiver_approval():
    @task
    def name_period(params=None) -> str:
        from cchc.close import period_of_run

        return period_of_run(params["period"], "manual", None)

    @task
    def list_requests(period: str) -> list[str]:
        from cchc.waive import open_requests

        return open_requests(period)

    @task.short_circuit
    def stop_if_all_were_refused(answers) -> bool:
        return any(answers)

    @task(pool=WRITER)
    def audit(period: str):
        from cchc.close import audit

        return audit(period, secret=secret)

    @task(pool=WRITER, outlets=[SNAPSHOT])
    def publish(period: str, params=None):
        from cchc.close import publish

        return publish(period, reason=params["reason"])

    period = name_period()
    # Longer than any request can wait: 20 working days.
    ask = ApproveWaiver.partial(task_id="decide", response_timeout=timedelta(days=60))
    answers = ask.expand(waiver=list_requests(period)).output
    stop_if_all_were_refused(answers) >> audit(period) >> publish(period)


waiver_approval()
