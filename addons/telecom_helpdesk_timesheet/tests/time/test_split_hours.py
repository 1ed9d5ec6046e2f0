from datetime import datetime, timedelta
from itertools import pairwise

from odoo.fields import Datetime
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..rates_common import RatesCommon


@tagged("-at_install", "post_install")
class TestSplitHours(RatesCommon, TransactionCase):
    """Times are UTC: Paris is an hour ahead, two from March 29 to October 25, 2026."""

    def parts(self, lines):
        return [
            (line.hours_period, str(line.started_at)[5:16], round(line.unit_amount * 60))
            for line in lines
        ]

    def test_the_entry_that_crosses_18_00_is_split(self):
        lines = self.log_hours(1.5, "2026-03-02 16:30:00", name="Replaced the card")
        self.assertEqual(
            self.parts(lines), [("working", "03-02 16:30", 30), ("out", "03-02 17:00", 60)]
        )
        for line in lines:
            self.assertEqual(line.name, "Replaced the card")
            self.assertEqual(line.ticket_id, self.ticket)
            self.assertEqual(line.user_id, self.agent_voice)
            self.assertEqual(line.employee_id, self.agent_voice.employee_id)
            self.assertEqual(line.project_id, self.company.telecom_support_project_id)
            self.assertEqual(line.amount, -30 * line.unit_amount, "its cost, by Odoo")
        self.assertEqual(
            [line._find_rates()[line.id] for line in lines], [self.rate_working, self.rate_out]
        )

    def test_the_agent_enters_it_on_the_ticket_and_is_told(self):
        # What the agent is told leaves with the commit.
        self.env.flush_all()
        self.env.cr.precommit.run()
        before = self.env["bus.bus"].search([], order="id desc", limit=1).id
        ticket = self.ticket.with_user(self.agent_voice)
        with Form(ticket) as form, form.timesheet_ids.new() as entry:
            entry.name = "Replaced the card"
            entry.started_at = "2026-03-02 16:30:00"
            entry.unit_amount = 1.5
        self.assertEqual(
            self.parts(ticket.timesheet_ids.sorted("started_at")),
            [("working", "03-02 16:30", 30), ("out", "03-02 17:00", 60)],
        )
        self.env.cr.precommit.run()
        told = self.env["bus.bus"].search([("id", ">", before)]).mapped("message")
        self.assertTrue(
            any("0:30 (Working Hours), 1:00 (Out of Hours)" in message for message in told), told
        )

    def test_the_answer_that_came_with_it_goes_along(self):
        with frozen("2026-03-02 17:30:00"):
            message = self.ticket.with_user(self.agent_voice).message_post(
                body="Done", message_type="comment", telecom_minutes=60
            )
        lines = self.ticket.timesheet_ids
        self.assertEqual(lines.mapped("message_id"), message)
        self.assertEqual(len(lines), 2)

    def test_work_within_the_hours_or_outside_them_is_one_entry(self):
        for start, hours, period in [
            ("2026-03-02 08:00:00", 9, "working"),
            ("2026-03-02 11:30:00", 1, "working"),
            ("2026-03-02 17:00:00", 15, "out"),
            ("2026-03-07 08:00:00", 24, "out"),
        ]:
            with self.subTest(start=start):
                line = self.log_hours(hours, start)
                self.assertEqual(line.hours_period, period)
                self.assertEqual(line.unit_amount, hours)

    def test_work_over_a_night_has_a_part_for_each_side(self):
        lines = self.log_hours(24, "2026-03-05 16:00:00")
        self.assertEqual(
            self.parts(lines),
            [
                ("working", "03-05 16:00", 60),
                ("out", "03-05 17:00", 15 * 60),
                ("working", "03-06 08:00", 8 * 60),
            ],
        )
        self.assertEqual(sum(line.unit_amount for line in lines), 24)

    def test_a_public_holiday_is_out_of_hours(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "company_id": self.company.id,
                "date_from": "2026-03-02 23:00:00",
                "date_to": "2026-03-03 22:59:59",
            }
        )
        self.assertEqual(self.log_hours(1, "2026-03-03 09:00:00").hours_period, "out")
        self.assertEqual(self.log_hours(1, "2026-03-04 09:00:00").hours_period, "working")

    def test_daylight_saving_moves_the_border(self):
        self.assertEqual(
            self.parts(self.log_hours(1, "2026-03-27 16:30:00")),
            [("working", "03-27 16:30", 30), ("out", "03-27 17:00", 30)],
        )
        self.assertEqual(
            self.parts(self.log_hours(1, "2026-03-30 15:30:00")),
            [("working", "03-30 15:30", 30), ("out", "03-30 16:00", 30)],
        )
        # In winter it ends at 17:00, in summer it begins at 7:00: an hour less for the night.
        self.team_voice.resource_calendar_id.attendance_ids[0].copy({"dayofweek": "6"})
        lines = self.log_hours(12, "2026-03-28 20:00:00")
        self.assertEqual(
            self.parts(lines), [("out", "03-28 20:00", 11 * 60), ("working", "03-29 07:00", 60)]
        )

    def test_the_date_is_that_of_the_agent(self):
        line = self.log_hours(1, "2026-03-02 23:30:00")
        self.assertEqual(str(line.date), "2026-03-03", "half past midnight in Paris")
        self.agent_voice.tz = "America/New_York"
        line = self.log_hours(1, "2026-03-03 00:30:00")
        self.assertEqual(str(line.date), "2026-03-02", "half past seven in the evening there")

    def test_each_part_has_the_date_of_its_own_start(self):
        lines = self.log_hours(17, "2026-03-02 16:00:00")
        self.assertEqual(
            [str(line.date) for line in lines], ["2026-03-02", "2026-03-02", "2026-03-03"]
        )

    def test_the_hours_of_the_contract_type_come_first(self):
        self.contract_type.support_calendar_id = self.make_hours("To 22", (8, 22))
        self.assertEqual(self.log_hours(1, "2026-03-02 16:30:00").hours_period, "working")
        other = self.make_own_ticket(contract_id=False)
        self.assertEqual(len(self.log_hours(1, "2026-03-02 16:30:00", other)), 2, "the team's")

    def test_around_the_clock_nothing_is_out_of_hours(self):
        self.assertTrue(
            self.env.ref("telecom_helpdesk.contract_type_round_the_clock").support_always
        )
        self.contract_type.support_always = True
        self.assertEqual(self.log_hours(9, "2026-03-06 22:00:00").hours_period, "working")

    def test_without_a_beginning_it_is_working_time_unless_the_agent_says_otherwise(self):
        line = self.log_hours(1)
        self.assertEqual(line.hours_period, "working")
        line.hours_period = "out"
        self.assertEqual(line.hours_period, "out")

    def test_where_hours_are_flexible_all_time_is_working_time(self):
        flexible = self.env["resource.calendar"].create(
            {
                "name": "Flexible",
                "tz": "Europe/Paris",
                "company_id": self.company.id,
                "flexible_hours": True,
                "hours_per_day": 8,
            }
        )
        self.team_voice.resource_calendar_id = flexible
        self.assertEqual(self.log_hours(3, "2026-03-02 16:30:00").hours_period, "working")

    def test_pauses_of_the_timer_are_in_no_part(self):
        at = Datetime.to_datetime
        lines = self.ticket.with_user(self.agent_voice)._log_time(
            40,
            "Traced the call",
            segments=[
                (at("2026-03-02 16:40:00"), at("2026-03-02 16:50:00")),
                (at("2026-03-02 17:10:00"), at("2026-03-02 17:40:00")),
            ],
        )
        self.assertEqual(
            self.parts(lines), [("working", "03-02 16:40", 10), ("out", "03-02 17:10", 30)]
        )

    def test_a_longer_entry_is_split_anew(self):
        line = self.log_hours(0.5, "2026-03-02 16:30:00")
        self.assertEqual(len(line), 1)
        line.with_user(self.agent_voice).unit_amount = 2
        lines = self.ticket.timesheet_ids.sorted("started_at")
        self.assertEqual([minutes for _, _, minutes in self.parts(lines)], [30, 90])
        lines._split_by_hours()
        self.assertEqual(self.ticket.timesheet_ids.sorted("started_at"), lines)

    def test_what_the_agent_said_about_billing_holds_for_all_parts(self):
        lines = self.log_hours(1, "2026-03-02 16:30:00", billable=False)
        self.assertEqual(len(lines), 2)
        self.assertFalse(any(lines.mapped("billable")))

    def test_time_elsewhere_and_locked_time_stay_as_they_are(self):
        project = self.env["project.project"].create({"name": "Internal", "allow_timesheets": True})
        line = (
            self.env["account.analytic.line"]
            .with_user(self.agent_voice)
            .create(
                {
                    "name": "Meeting",
                    "project_id": project.id,
                    "unit_amount": 3,
                    "started_at": "2026-03-02 16:30:00",
                }
            )
        )
        self.assertEqual(line._split_by_hours(), line)
        self.assertEqual(line.unit_amount, 3)
        self.assertFalse(line.hours_period)
        locked = self.log_hours(1, "2026-03-02 09:00:00")
        self.approve(locked)
        locked._write_billing({"unit_amount": 20})
        self.assertEqual(locked._split_by_hours(), locked)

    def test_no_minute_is_lost(self):
        start = datetime(2026, 3, 26, 15, 7)
        for step in range(40):
            minutes = 1 + step * 173 % 1440
            begin = start + timedelta(minutes=step * 97)
            lines = self.log_hours(minutes / 60, begin)
            with self.subTest(begin=begin, minutes=minutes):
                self.assertEqual(sum(round(line.unit_amount * 60) for line in lines), minutes)
                for line, following in pairwise(lines):
                    end = line.started_at + timedelta(hours=line.unit_amount)
                    self.assertAlmostEqual(end, following.started_at, delta=timedelta(seconds=1))
                    self.assertNotEqual(line.hours_period, following.hours_period)
