from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.fields import Datetime
from odoo.tests import Form

from ..common import TimeCase


class TestLogTime(TimeCase):
    """An agent logs time on a ticket."""

    def test_agent_logs_time_by_hand_on_the_form(self):
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

    def test_log_time_takes_what_the_timer_and_the_answer_give(self):
        message = self.agent_replies(self.ticket)
        ticket = self.ticket.with_user(self.agent_voice)
        line = ticket._log_time(
            12.4,
            "Answered",
            started_at=Datetime.to_datetime("2026-03-02 10:00:00"),
            message=message,
            billable=False,
        )
        self.assertRecordValues(
            line,
            [
                {
                    "unit_amount": 0.2,
                    "name": "Answered",
                    "message_id": message.id,
                    "billing_state": "not_billable",
                    "hours_period": "working",
                }
            ],
        )
        self.assertEqual(str(line.date), "2026-03-02")

    def test_without_words_it_is_called_after_the_ticket(self):
        self.assertEqual(self.log(10, name="").name, "No dial tone")

    def test_lengths_beyond_reason_are_refused_by_name(self):
        for minutes, message in ((0, "how long it took"), (-5, "how long"), (25 * 60, "24 hours")):
            with self.subTest(minutes), self.assertRaisesRegex(ValidationError, message) as caught:
                self.log(minutes)
            self.assertIn(self.ticket.number, str(caught.exception))
        line = self.log(24 * 60)
        with self.assertRaisesRegex(ValidationError, "24 hours"):
            line.with_user(self.agent_voice).unit_amount = 24.5

    def test_billable_is_shown_before_it_is_saved_and_the_agent_decides(self):
        self.rate_out.is_free = True
        with Form(
            self.env["account.analytic.line"].with_user(self.agent_voice),
            "telecom_helpdesk_timesheet.account_analytic_line_view_form_ticket",
        ) as form:
            form.ticket_id = self.ticket
            form.unit_amount = 0.5
            self.assertTrue(form.billable)
            form.hours_period = "out"
            self.assertFalse(form.billable)
            form.billable = True
        self.assertRecordValues(
            form.record, [{"billable": True, "billing_state": "to_approve", "hours_period": "out"}]
        )

    def test_billable_follows_the_time_of_day_until_the_agent_decides(self):
        self.rate_out.is_free = True
        line = self.log(30, started_at="2026-03-02 10:00:00")
        self.assertTrue(line.billable)
        own = line.with_user(self.agent_voice)
        own.started_at = "2026-03-02 21:00:00"
        self.assertRecordValues(line, [{"hours_period": "out", "billing_state": "not_billable"}])
        own.billable = True
        own.unit_amount = 1.0
        self.assertTrue(line.billable)

    def test_work_across_the_border_becomes_two_entries_at_once(self):
        line = self.log(120, started_at="2026-03-02 16:00:00")  # 17:00 in Paris
        self.assertEqual(
            [(part.hours_period, part.billing_state) for part in self.ticket.timesheet_ids],
            [("working", "to_approve"), ("out", "to_approve")][::-1],
        )
        self.assertEqual(self.minutes(line.unit_amount), 60)
        self.assertEqual(self.minutes(self.ticket.total_hours), 120)

    def test_another_day_keeps_the_time_of_day(self):
        line = self.log(30, started_at="2026-03-02 10:00:00")
        line.with_user(self.agent_voice).date = "2026-03-01"
        self.assertRecordValues(line, [{"started_at": Datetime.to_datetime("2026-03-01 10:00:00")}])
        self.assertEqual(line.hours_period, "out", "a Sunday")

    def test_many_entries_moved_to_another_day_keep_each_their_time_of_day(self):
        lines = self.log(30, started_at="2026-03-02 10:00:00") + self.log(
            30, started_at="2026-03-03 08:15:00"
        )
        lines.with_user(self.agent_voice).write({"date": "2026-03-04"})
        self.assertEqual(
            [str(instant) for instant in lines.mapped("started_at")],
            ["2026-03-04 10:00:00", "2026-03-04 08:15:00"],
        )

    def test_time_on_a_merged_ticket_goes_on_where_it_went(self):
        target = self.make_ticket(name="The same")
        self.ticket.with_user(self.manager)._merge(target)
        with self.assertRaises(RedirectWarning):
            self.log(30)
        line = self.ticket.with_user(self.agent_voice)._log_time(30, "Phone")
        self.assertEqual(line.ticket_id, target.with_user(self.agent_voice))

    def test_time_on_an_archived_ticket_is_not_lost(self):
        self.ticket.active = False
        line = self.ticket.with_user(self.agent_voice)._log_time(30, "Phone")
        self.approve(line.with_env(self.env))
        self.assertEqual(line.billing_state, "approved")

    def test_time_is_on_a_ticket_or_on_a_task(self):
        project = self.company.telecom_support_project_id
        task = self.env["project.task"].create({"name": "Dig", "project_id": project.id})
        with self.assertRaisesRegex(ValidationError, "either on a ticket or on a task"):
            self.log(30, task_id=task.id)
        line = self.log(30)
        with self.assertRaisesRegex(ValidationError, "either on a ticket or on a task"):
            line.with_user(self.agent_voice).task_id = task

    def test_time_on_tickets_is_booked_on_the_support_project(self):
        project = self.env["project.project"].create(
            {"name": "Rollout", "allow_timesheets": True, "company_id": self.company.id}
        )
        with self.assertRaisesRegex(UserError, "not on “Rollout”"):
            self.log(30, project_id=project.id)
        line = self.log(30)
        with self.assertRaisesRegex(UserError, "not on “Rollout”"):
            line.with_user(self.agent_voice).project_id = project

    def test_an_entry_may_move_to_another_ticket_until_approval(self):
        other = self.make_ticket(partner_id=self.other_customer.id)
        line = self.log(30)
        line.with_user(self.agent_voice).ticket_id = other
        self.assertEqual(line.partner_id, self.other_customer)
        self.assertEqual((self.ticket.total_hours, other.total_hours), (0, 0.5))
        line.with_user(self.agent_voice).ticket_id = False
        self.assertRecordValues(line, [{"billing_state": False, "billable": False}])

    def test_totals_of_the_ticket(self):
        approved, _waiting, _free = self.log(30), self.log(60), self.log(15, billable=False)
        self.approve(approved)
        self.assertEqual(
            [
                self.minutes(self.ticket[name])
                for name in ("total_hours", "billable_hours", "approved_hours")
            ],
            [105, 90, 30],
        )
        self.assertEqual(self.customer.with_user(self.agent_voice).telecom_time_hours, 1.75)

    def test_a_list_of_tickets_with_their_time_asks_no_more_for_more(self):
        tickets = self.ticket + self.copy_ticket(self.ticket, 30)
        for ticket in tickets:
            self.log(5, ticket=ticket)
        self.env.flush_all()
        counts = []
        for some in (tickets[:2], tickets):
            self.env.invalidate_all()
            own = some.with_user(self.agent_voice)
            own.search([("id", "in", some.ids)])
            before = self.env.cr.sql_log_count
            own.web_read({"number": {}, "total_hours": {}})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_logging_a_hundred_asks_little_more_than_logging_two(self):
        counts = []
        for size in (2, 100):
            vals = {"ticket_id": self.ticket.id, "unit_amount": 0.5, "name": "Imported"}
            lines = self.env["account.analytic.line"].with_user(self.agent_voice)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines.create([dict(vals) for _number in range(size)])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 20, counts)
