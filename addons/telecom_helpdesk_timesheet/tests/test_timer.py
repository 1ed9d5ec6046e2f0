import json
from datetime import datetime

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.mail.tests.common import MailCase
from odoo.addons.telecom_helpdesk.tests.common import frozen

from .common import TimeCase, TimeCommon

# A Tuesday in Paris, UTC + 1: the teams work from 8 to 11 and from 12 to 17 UTC.
NINE = "2026-03-03 08:00:00"


def at(clock, day=3):
    """An instant of that March, in UTC."""
    return f"2026-03-{day:02} {clock}"


class TimerCase(TimeCase):
    def start(self, clock, *, day=3, ticket=None, user=None):
        with frozen(at(clock, day)):
            return (ticket or self.ticket).with_user(user or self.agent_voice).action_timer_start()

    def pause(self, clock, *, day=3, ticket=None, user=None):
        with frozen(at(clock, day)):
            return (ticket or self.ticket).with_user(user or self.agent_voice).action_timer_pause()

    def stop(self, clock, *, day=3, ticket=None, **values):
        """Press "Stop" at ``clock``, fill in the dialog, press "Log Time"; the entries."""
        ticket = (ticket or self.ticket).with_user(self.agent_voice)
        before = self.ticket.timesheet_ids
        with frozen(at(clock, day)):
            action = ticket.action_timer_stop()
            form = Form(
                self.env["telecom.timer.stop"]
                .with_user(self.agent_voice)
                .with_context(**action["context"])
            )
            for name, value in values.items():
                form[name] = value
            form.save().action_log()
        return (ticket.sudo().timesheet_ids - before).sorted("started_at")

    def get_timers(self, user=None):
        timers = self.env["telecom.ticket.timer"].with_user(user or self.agent_voice)
        return timers.get_timers()

    def run_due(self, clock, day=3):
        self.env.flush_all()
        with (
            frozen(at(clock, day)),
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
        ):
            self.env(cr=cr, user=self.env.ref("base.user_root"))["telecom.ticket.timer"]._run_due()
        self.env.invalidate_all()


class TestTimer(TimerCase):
    def test_b1_timer_becomes_an_entry_with_the_time_that_it_ran(self):
        self.start("08:00:00")
        [line] = self.stop("08:25:20", name="Traced the calls")
        self.assertEqual(self.minutes(line.unit_amount), 25)
        self.assertEqual(line.name, "Traced the calls")
        self.assertEqual(line.user_id, self.agent_voice)
        self.assertEqual(line.started_at, datetime(2026, 3, 3, 8))
        self.assertTrue(line.billable)
        self.assertEqual(line.billing_state, "to_approve")
        self.assertEqual(self.get_timers(), [])

    def test_pauses_do_not_count(self):
        self.start("08:00:00")
        self.pause("08:10:00")
        self.start("09:00:00")
        with frozen(at("09:05:00")):
            [timer] = self.get_timers()
        self.assertEqual((timer["seconds"], timer["running"]), (15 * 60, True))
        [line] = self.stop("09:20:00")
        self.assertEqual(self.minutes(line.unit_amount), 30)

    def test_agent_corrects_the_time_and_what_it_is(self):
        self.start("08:00:00")
        [line] = self.stop("10:00:00", hours=0.75, billable=False)
        self.assertEqual(self.minutes(line.unit_amount), 45)
        self.assertEqual(line.billing_state, "not_billable")

    def test_timer_across_the_end_of_the_day_is_split_where_the_work_was(self):
        self.start("16:30:00")
        self.pause("16:45:00")
        self.start("17:30:00")
        inside, outside = self.stop("18:00:00")
        self.assertEqual((inside.hours_period, self.minutes(inside.unit_amount)), ("working", 15))
        self.assertEqual((outside.hours_period, self.minutes(outside.unit_amount)), ("out", 30))
        self.assertEqual(outside.started_at, datetime(2026, 3, 3, 17, 30))

    def test_a_few_seconds_are_a_minute(self):
        self.start("08:00:00")
        [line] = self.stop("08:00:05")
        self.assertEqual(self.minutes(line.unit_amount), 1)

    def test_starting_a_second_pauses_the_first(self):
        second = self.make_ticket(name="Slow line")
        self.start("08:00:00")
        timers = self.start("08:10:00", ticket=second)
        self.assertEqual(
            [(timer["number"], timer["running"]) for timer in timers],
            [(second.number, True), (self.ticket.number, False)],
        )
        self.assertEqual(timers[1]["seconds"], 600)

    def test_starting_twice_is_starting_once(self):
        self.start("08:00:00")
        [timer] = self.start("08:10:00")
        self.assertEqual(timer["seconds"], 600)

    def test_discarded_time_is_logged_nowhere(self):
        self.start("08:00:00")
        with frozen(at("08:30:00")):
            wizard = self.env["telecom.timer.stop"].with_user(self.agent_voice)
            wizard.create({"ticket_id": self.ticket.id}).action_discard()
        self.assertFalse(self.ticket.timesheet_ids)
        self.assertEqual(self.get_timers(), [])

    def test_dialog_that_is_closed_keeps_the_timer_paused(self):
        self.start("08:00:00")
        with frozen(at("08:30:00")):
            self.ticket.with_user(self.agent_voice).action_timer_stop()
        with frozen(at("09:30:00")):
            [timer] = self.get_timers()
        self.assertEqual((timer["seconds"], timer["running"]), (1800, False))

    def test_stopping_what_was_stopped_elsewhere_says_so(self):
        with self.assertRaisesRegex(UserError, "No timer of yours"):
            self.ticket.with_user(self.agent_voice).action_timer_stop()

    def test_agent_without_an_employee_keeps_the_timer(self):
        agent = self.make_user("newcomer", "telecom_helpdesk.group_agent")
        self.team_voice.member_ids += agent
        self.start("08:00:00", user=agent)
        with frozen(at("08:30:00")), self.assertRaises(UserError), self.cr.savepoint():
            wizard = self.env["telecom.timer.stop"].with_user(agent)
            wizard.create({"ticket_id": self.ticket.id}).action_log()
        self.assertEqual(len(self.get_timers(agent)), 1)

    def test_query_count_of_starting(self):
        self.start("08:00:00")
        self.pause("08:01:00")
        with frozen(at("08:02:00")), self.assertQueryCount(25):
            self.ticket.with_user(self.agent_voice).action_timer_start()


class TestForgottenTimer(MailCase, TimerCase):
    def test_agent_is_asked_after_hours_and_again(self):
        self.start("08:00:00")
        self.run_due("11:59:00")
        self.assertFalse(self.ticket.activity_ids)
        self.run_due("12:00:00")
        activity = self.ticket.activity_ids
        self.assertEqual(activity.user_id, self.agent_voice)
        self.assertIn("Are you still at it?", activity.note)
        self.run_due("16:00:00")
        self.assertEqual(len(self.ticket.activity_ids), 1)
        self.assertNotEqual(self.ticket.activity_ids, activity)
        with frozen(at("16:00:00")):
            self.assertTrue(self.get_timers()[0]["running"])

    def test_timer_is_paused_at_the_agents_midnight(self):
        self.start("15:00:00")
        self.run_due("02:00:00", day=4)
        with frozen(at("09:00:00", day=4)):
            [timer] = self.get_timers()
        # Midnight in Paris is 23:00 UTC.
        self.assertEqual((timer["seconds"], timer["running"]), (8 * 3600, False))
        self.assertIn("until midnight", self.ticket.activity_ids.note)

    def test_company_that_is_never_asked(self):
        self.company.telecom_timer_reminder_hours = 0
        self.start("08:00:00")
        self.run_due("16:00:00")
        self.assertFalse(self.ticket.activity_ids)

    def test_agent_who_left_is_not_asked(self):
        self.start("08:00:00")
        self.agent_voice.active = False
        self.run_due("12:00:00")
        self.assertFalse(self.ticket.activity_ids)
        timer = self.env["telecom.ticket.timer"].search([("user_id", "=", self.agent_voice.id)])
        self.assertFalse(timer.running_since)


class TestTimerAccess(TimerCase):
    def test_timers_are_ones_own(self):
        self.start("08:00:00")
        timers = self.env["telecom.ticket.timer"]
        for user in (self.agent_internet, self.manager):
            with self.subTest(user.login):
                self.assertEqual(self.get_timers(user), [])
                self.assertFalse(timers.with_user(user).search([]))
        timer = timers.search([])
        for method, args in (("write", [{"running_since": False}]), ("unlink", [])):
            with self.assertRaises(AccessError):
                getattr(timer.with_user(self.agent_voice), method)(*args)

    def test_ticket_of_another_team(self):
        with self.assertRaises(AccessError):
            self.start("08:00:00", user=self.agent_internet)

    def test_people_who_are_no_agents(self):
        for user in (self.internal_user, self.accountant, self.portal_user, self.public_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.start("08:00:00", user=user)

    def test_merged_ticket(self):
        other = self.make_ticket(name="The same")
        other.with_user(self.agent_voice)._merge(self.ticket)
        with self.assertRaisesRegex(RedirectWarning, "merged"):
            self.start("08:00:00", ticket=other)


class TestTimeMoves(TimerCase):
    def test_merging_moves_time_locked_or_not(self):
        other = self.make_ticket(name="The same")
        approved = self.log(30, ticket=other)
        open_line = self.log(45, ticket=other)
        self.approve(approved)
        other.with_user(self.agent_voice)._merge(self.ticket)
        self.assertEqual((approved + open_line).ticket_id, self.ticket)
        self.assertEqual(approved.billing_state, "approved")
        self.assertEqual(self.minutes(self.ticket.total_hours), 75)
        self.assertEqual(other.total_hours, 0)

    def test_merging_moves_timers_and_loses_no_second(self):
        other = self.make_ticket(name="The same")
        self.start("08:00:00")
        self.start("08:10:00", ticket=other)
        self.start("08:00:00", ticket=other, user=self.manager)
        with frozen(at("08:15:30")):
            other.with_user(self.agent_voice)._merge(self.ticket)
            [timer] = self.get_timers()
            [managers] = self.get_timers(self.manager)
        self.assertEqual(timer["number"], self.ticket.number)
        self.assertEqual((timer["seconds"], timer["running"]), (15 * 60 + 30, True))
        self.assertEqual(managers["number"], self.ticket.number)

    def test_splitting_moves_what_was_logged_with_the_message_and_what_is_chosen(self):
        note = self.ticket.with_user(self.agent_voice).message_post(
            body="Another thing",
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            telecom_minutes=10,
        )
        with_note = self.ticket.timesheet_ids
        chosen, left = self.log(20), self.log(30)
        wizard = Form(
            self.env["telecom.ticket.split"]
            .with_user(self.agent_voice)
            .with_context(default_message_id=note.id)
        )
        self.assertEqual(wizard.timesheet_ids[:], with_note)
        wizard.timesheet_ids.add(chosen)
        new = self.env["telecom.ticket"].browse(wizard.save().action_split()["res_id"])
        self.assertEqual(new.timesheet_ids, with_note + chosen)
        self.assertEqual(self.ticket.timesheet_ids, left)

    def test_approved_time_is_nobody_elses(self):
        line = self.log(30)
        self.approve(line)
        theirs = self.make_ticket(name="Theirs", partner_id=self.other_customer.id)
        with self.assertRaisesRegex(UserError, "is approved for ACME"):
            line._move_to_ticket(theirs)


class TestReplyWithTime(TimerCase):
    def reply(self, **kwargs):
        return self.ticket.with_user(self.agent_voice).message_post(
            body="Done", message_type="comment", subtype_xmlid="mail.mt_comment", **kwargs
        )

    def test_b1_reply_logs_its_minutes(self):
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
        for minutes in (-5, 1441, "ten", 2.5, True):
            with self.subTest(minutes), self.assertRaises(UserError), self.cr.savepoint():
                self.reply(telecom_minutes=minutes)
        self.assertEqual(self.ticket.message_ids, before)
        self.assertFalse(self.ticket.timesheet_ids)

    def test_full_composer(self):
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.agent_voice)
            .with_context(
                default_model="telecom.ticket",
                default_res_ids=self.ticket.ids,
                default_composition_mode="comment",
            )
        )
        composer.body = "<p>Done</p>"
        composer.telecom_minutes = 12
        composer.save().action_send_mail()
        self.assertEqual(self.minutes(self.ticket.timesheet_ids.unit_amount), 12)


@tagged("-at_install", "post_install")
class TestReplyInTheWeb(TimeCommon, HttpCase):
    def post(self, login, **post_data):
        self.authenticate(login, login)
        response = self.url_open(
            "/mail/message/post",
            data=json.dumps(
                {
                    "params": {
                        "thread_model": "telecom.ticket",
                        "thread_id": self.ticket.id,
                        "post_data": {
                            "body": "Done",
                            "message_type": "comment",
                            "subtype_xmlid": "mail.mt_comment",
                            **post_data,
                        },
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def test_agent_logs_and_customer_cannot(self):
        self.assertNotIn("error", self.post("agent_voice", telecom_minutes=10))
        line = self.ticket.timesheet_ids
        self.assertEqual((line.user_id, self.minutes(line.unit_amount)), (self.agent_voice, 10))
        self.post(self.portal_user.login, telecom_minutes=30)
        self.assertEqual(self.ticket.timesheet_ids, line)
