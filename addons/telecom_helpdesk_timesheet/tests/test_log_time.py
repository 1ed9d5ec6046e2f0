from odoo.fields import Datetime
from odoo.tests import Form

from .common import TimeCase


class TestLogTime(TimeCase):
    """An agent logs time on a ticket."""

    def test_b1_agent_logs_time_by_hand_on_the_form(self):
        with Form(self.ticket.with_user(self.agent_voice)) as form, form.timesheet_ids.new() as row:
            row.name = "Reset the port"
            row.unit_amount = 0.5
        line = self.ticket.timesheet_ids
        self.assertRecordValues(
            line,
            [
                {
                    "name": "Reset the port",
                    "unit_amount": 0.5,
                    "user_id": self.agent_voice.id,
                    "employee_id": self.agent_voice.employee_id.id,
                    "project_id": self.company.telecom_support_project_id.id,
                    "partner_id": self.customer.id,
                    "billable": True,
                    "billing_state": "to_approve",
                    "hours_period": "working",
                }
            ],
        )

    def test_the_split_follows_the_segments_of_a_timer(self):
        # 17:30 to 18:00 and, after a pause, 18:15 to 18:30 in Paris (UTC+1)
        segments = [
            (Datetime.to_datetime(start), Datetime.to_datetime(stop))
            for start, stop in (
                ("2026-03-02 16:30:00", "2026-03-02 17:00:00"),
                ("2026-03-02 17:15:00", "2026-03-02 17:30:00"),
            )
        ]
        ticket = self.ticket.with_user(self.agent_voice)
        lines = ticket._log_time(45, "On the phone", segments=segments)
        self.assertEqual(
            [(line.hours_period, self.minutes(line.unit_amount)) for line in lines],
            [("working", 30), ("out", 15)],
        )
