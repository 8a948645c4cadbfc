"""The question of `waiver_approval`, asked and recorded by one task, so that no XCom carries what is asked or who answered.

Anybody who may edit an XCom could otherwise show the approver other words, or put another name under the answer.
"""

from __future__ import annotations

from airflow.providers.standard.operators.hitl import HITLOperator


class ApproveWaiver(HITLOperator):
    """Asks whether to approve one waiver, in the words of its record, and records the answer under who gave it.

    Gives whether it was approved. An answer that may not count, as of who asked, fails the task: clear it to ask again.
    """

    def __init__(self, *, waiver: str, **kwargs) -> None:
        # As in cchc.waive, which is too much to import for parsing.
        super().__init__(subject="Phê duyệt ngoại lệ", options=["Phê duyệt", "Từ chối"], **kwargs)
        self.waiver = waiver

    def execute(self, context):
        from cchc.waive import question

        self.subject, self.body = question(self.waiver)
        return super().execute(context)

    def execute_complete(self, context, event) -> bool:
        from cchc.waive import record_answer

        answer = super().execute_complete(context, event)
        return record_answer(self.waiver, answer["chosen_options"], answer["responded_by_user"])
