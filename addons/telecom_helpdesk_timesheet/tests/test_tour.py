import functools
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..models.ticket.ticket_time_reply import TelecomTicket
from .billing_common import BillingCommon
from .common import TimeCommon


@tagged("post_install", "-at_install")
class TestTour(TimeCommon, HttpCase):
    """An agent's time, in a browser, whose clock runs: no working hours split it at 9:00."""

    @classmethod
    def set_up_calendar(cls):
        super().set_up_calendar()
        days = [
            {"name": str(day), "dayofweek": str(day), "hour_from": 0, "hour_to": 24}
            for day in range(7)
        ]
        cls.calendar.attendance_ids = [Command.clear(), *map(Command.create, days)]

    def tour(self, name):
        self.start_tour(f"/odoo/tickets/{self.ticket.id}", name, login="agent_voice")
        self.ticket.invalidate_recordset()

    def test_timer_is_started_paused_resumed_and_stopped(self):
        self.tour("telecom_helpdesk_timer")
        line = self.ticket.timesheet_ids
        self.assertEqual((line.name, self.minutes(line.unit_amount)), ("Reset the port", 1))
        self.assertEqual(line.user_id, self.agent_voice)
        self.assertFalse(self.env["telecom.ticket.timer"].search([]))

    def test_second_timer_pauses_the_first(self):
        second = self.make_ticket(name="Slow line", user_id=self.agent_voice.id)
        self.ticket.user_id = self.agent_voice
        self.tour("telecom_helpdesk_timer_second")
        self.assertFalse(self.ticket.timesheet_ids)
        self.assertEqual(len(second.timesheet_ids), 1)

    def test_reply_and_log_minutes(self):
        timers = self.env["telecom.ticket.timer"]
        started = timers._due_now() - timedelta(minutes=30)
        timers.create(
            {
                "ticket_id": self.ticket.id,
                "user_id": self.agent_voice.id,
                "segments": [[str(started), str(started + timedelta(minutes=30))]],
            }
        )
        refused = []
        log_reply = TelecomTicket._log_reply

        @functools.wraps(log_reply)
        def refuse_once(ticket, *args):
            if not refused:
                refused.append(args)
                raise UserError("Vera Voice has no employee record")
            return log_reply(ticket, *args)

        with patch.object(TelecomTicket, "_log_reply", refuse_once):
            self.tour("telecom_helpdesk_reply_time")
        lines = self.ticket.timesheet_ids.sorted("id")
        self.assertEqual([self.minutes(line.unit_amount) for line in lines], [10, 30])
        answer, note = lines.mapped("message_id").sorted("id")
        self.assertIn("It works again", answer.body)
        self.assertIn("The port was stuck", note.body)
        self.assertEqual(lines[1].started_at, started)


@tagged("post_install", "-at_install")
class TestBillingTour(BillingCommon, HttpCase):
    """A manager's and an accountant's way, in a browser."""

    def test_manager_reviews_in_bulk(self):
        reset, tested, looked = [
            self.log(minutes, name=name, date="2026-03-02")
            for minutes, name in ((50, "Reset the port"), (10, "Line test"), (30, "Had a look"))
        ]
        self.start_tour("/odoo/time-to-review", "telecom_helpdesk_time_review", login="manager")
        self.assert_states(reset | tested, "approved")
        self.assert_states(looked, "rejected")
        self.assertEqual(looked.rejection_reason, "At what?")
        self.assertEqual((reset | tested).approved_by_id, self.manager)

    def test_accountant_bills_and_finds_the_work_behind_the_invoice(self):
        billed = self.log_approved(50, name="Reset the port")
        billed |= self.log_approved(10, name="Line test")
        left = self.log_approved(30, ticket=self.other_ticket)
        self.other_customer.write({"street": False, "city": False, "country_id": False})
        action = "telecom_helpdesk_timesheet.telecom_bill_time_action"
        self.start_tour(f"/odoo/action-{action}", "telecom_helpdesk_bill_time", login="accountant")
        self.assert_states(billed, "invoiced")
        self.assert_states(left, "approved")
        self.assertEqual(billed.invoice_line_id.price_subtotal, 100)
