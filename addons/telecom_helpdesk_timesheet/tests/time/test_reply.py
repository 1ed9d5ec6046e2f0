import json
from datetime import datetime

from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCase
from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import TimeCommon
from ..timer_common import TimerCase, at


class TestReplyWithTime(MailCase, TimerCase):
    def compose(self, **context):
        """The large composer, for an answer to the customer."""
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.agent_voice)
            .with_context(
                default_model="telecom.ticket",
                default_res_ids=self.ticket.ids,
                default_composition_mode="comment",
                **context,
            )
        )
        composer.body = "<p>Done</p>"
        return composer

    def reply(self, **kwargs):
        return self.ticket.with_user(self.agent_voice).message_post(
            body="Done", message_type="comment", subtype_xmlid="mail.mt_comment", **kwargs
        )

    def test_reply_logs_its_minutes(self):
        with frozen(at("09:00:00")):
            message = self.reply(telecom_minutes=10)
        line = self.ticket.timesheet_ids
        self.assertEqual(self.minutes(line.unit_amount), 10)
        self.assertEqual(line.message_id, message)
        self.assertEqual(line.user_id, self.agent_voice)
        self.assertEqual(line.started_at, datetime(2026, 3, 3, 8, 50))

    def test_reply_ends_the_timer_that_it_logs(self):
        self.start("08:00:00")
        self.pause("08:30:00")
        with frozen(at("09:00:00")):
            self.reply(telecom_minutes=30, telecom_timer=True)
        self.assertEqual(self.ticket.timesheet_ids.started_at, datetime(2026, 3, 3, 8))
        self.assertEqual(self.get_timers(), [])

    def test_nonsense_is_refused_and_nothing_is_sent(self):
        before = self.ticket.message_ids
        for minutes in (-5, 0, 1441, "ten", 2.5, "1e9", "nan", [5], True):
            with self.subTest(minutes), self.assertRaises(UserError), self.cr.savepoint():
                self.reply(telecom_minutes=minutes)
        self.assertEqual(self.ticket.message_ids, before)
        self.assertFalse(self.ticket.timesheet_ids)

    def test_note_logs_its_minutes_and_shows_customers_nothing_of_itself(self):
        note = self.agent_notes(self.ticket, body="They forgot to pay", telecom_minutes="5")
        line = self.ticket.timesheet_ids
        self.assertEqual((line.message_id, self.minutes(line.unit_amount)), (note, 5))
        # Customers read it in the portal and on the time sheet.
        self.assertEqual(line.name, self.ticket.name)

    def test_nothing_of_the_time_is_in_the_message_or_the_mail(self):
        with self.mock_mail_gateway():
            message = self.reply(telecom_minutes=1379)
        mails = self._new_mails
        self.assertTrue(mails)
        for text in (message.body, message.subject or "", *mails.mapped("body_html")):
            self.assertNotIn("1379", text)

    def test_timer_that_was_stopped_elsewhere_is_not_logged_twice(self):
        with self.assertRaisesRegex(UserError, "No timer of yours"), self.cr.savepoint():
            self.reply(telecom_minutes=30, telecom_timer=True)
        self.assertFalse(self.ticket.timesheet_ids)

    def test_message_for_later_logs_its_time_now(self):
        composer = self.compose()
        composer.telecom_minutes = "12"
        composer.scheduled_date = "2036-01-01 08:00:00"
        composer.save().action_schedule_message()
        self.assertEqual(self.minutes(self.ticket.timesheet_ids.unit_amount), 12)

    def test_full_composer_with_the_timer(self):
        self.start("08:00:00")
        composer = self.compose(default_telecom_minutes="30", default_telecom_timer=True)
        with frozen(at("08:30:00")):
            composer.save().action_send_mail()
        line = self.ticket.timesheet_ids
        self.assertEqual(line.started_at, datetime(2026, 3, 3, 8))
        self.assertTrue(line.message_id)
        self.assertEqual(self.get_timers(), [])

    def test_nonsense_in_the_full_composer(self):
        before = self.ticket.message_ids
        composer = self.compose(default_telecom_minutes="ten")
        with self.assertRaisesRegex(UserError, "no number of minutes"):
            composer.save().action_send_mail()
        self.assertEqual(self.ticket.message_ids, before)

    def test_full_composer(self):
        composer = self.compose()
        composer.telecom_minutes = "12"
        composer.save().action_send_mail()
        line = self.ticket.timesheet_ids
        self.assertEqual(self.minutes(line.unit_amount), 12)
        self.assertIn("Done", line.message_id.body)


@tagged("-at_install", "post_install")
class TestReplyInTheWeb(TimeCommon, HttpCase):
    def call(self, route, **params):
        headers = {"Content-Type": "application/json"}
        return self.url_open(route, data=json.dumps({"params": params}), headers=headers).json()

    def post(self, login, **post_data):
        self.authenticate(login, login)
        return self.call(
            "/mail/message/post",
            thread_model="telecom.ticket",
            thread_id=self.ticket.id,
            post_data={
                "body": "Done",
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
                **post_data,
            },
        )

    def test_agent_logs_and_customer_cannot(self):
        self.assertNotIn("error", self.post("agent_voice", telecom_minutes=10))
        line = self.ticket.timesheet_ids
        self.assertEqual((line.user_id, self.minutes(line.unit_amount)), (self.agent_voice, 10))
        self.post(self.portal_user.login, telecom_minutes=30)
        self.assertEqual(self.ticket.timesheet_ids, line)

    def test_nonsense_is_refused_and_nothing_is_posted(self):
        before = self.ticket.message_ids
        with mute_logger("odoo.http"):
            error = self.post("agent_voice", telecom_minutes="ten")["error"]
        self.assertIn("no number of minutes", error["data"]["message"])
        self.ticket.invalidate_recordset()
        self.assertEqual(self.ticket.message_ids, before)

    def test_minutes_do_not_come_back_with_the_message(self):
        answer = self.post("agent_voice", telecom_minutes=37)
        self.assertNotIn("telecom_minutes", json.dumps(answer))

    def test_editing_logs_nothing(self):
        message_id = self.post("agent_voice")["result"]["message_id"]
        answer = self.call(
            "/mail/message/update_content",
            message_id=message_id,
            update_data={"body": "Well done", "attachment_ids": [], "telecom_minutes": 5},
        )
        self.assertNotIn("error", answer)
        self.assertFalse(self.ticket.timesheet_ids)
