from datetime import datetime
from unittest.mock import patch

from odoo.exceptions import AccessError, ConcurrencyError, RedirectWarning, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..common import TimeCommon
from ..timer_common import TimerCase, at


class TestTimer(TimerCase):
    def test_timer_becomes_an_entry_with_the_time_that_it_ran(self):
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
        [line] = self.stop("10:00:00", minutes=45, billable=False)
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

    def test_agent_without_an_employee_is_told_before_they_work(self):
        agent = self.make_user("newcomer", "telecom_helpdesk.group_agent")
        self.team_voice.member_ids += agent
        with self.assertRaisesRegex(UserError, "has no employee record"):
            self.start("08:00:00", user=agent)

    def test_agent_whose_employee_left_keeps_the_timer(self):
        agent = self.agent_voice
        self.start("08:00:00")
        agent.employee_ids.unlink()
        with frozen(at("08:30:00")), self.assertRaises(UserError), self.cr.savepoint():
            wizard = self.env["telecom.timer.stop"].with_user(agent)
            wizard.create({"ticket_id": self.ticket.id}).action_log()
        self.assertEqual(len(self.get_timers(agent)), 1)

    def test_the_other_window_stopped_first(self):
        self.start("08:00:00")
        with frozen(at("08:30:00")):
            ticket = self.ticket.with_user(self.agent_voice)
            ticket.action_timer_stop()
            dialogs = self.env["telecom.timer.stop"].with_user(self.agent_voice)
            first, second = dialogs.create([{"ticket_id": ticket.id}] * 2)
            first.action_log()
            with self.assertRaisesRegex(UserError, "No timer of yours"):
                second.action_log()
        self.assertEqual(len(self.ticket.timesheet_ids), 1)

    def test_two_requests_at_once_leave_one_running(self):
        """The second began before the first was committed: it sees no timer that runs."""
        second = self.make_ticket(name="Slow line")
        self.start("08:00:00")
        timers = self.registry["telecom.ticket.timer"]
        unseen = self.env["telecom.ticket.timer"]
        with (
            patch.object(timers, "_find_own", lambda self, tickets=None: unseen),
            mute_logger("odoo.sql_db"),
        ):
            # Odoo runs such a request anew.
            with self.assertRaises(ConcurrencyError), self.cr.savepoint():
                self.start("08:00:01", ticket=second)
            with self.assertRaises(ConcurrencyError), self.cr.savepoint():
                self.start("08:00:01")
        timers = self.start("08:00:02", ticket=second)
        self.assertEqual([timer["running"] for timer in timers], [True, False])

    def test_starting_says_what_was_paused(self):
        second = self.make_ticket(name="Slow line").with_user(self.agent_voice)
        self.assertFalse(self.ticket.with_user(self.agent_voice).action_timer_start()["paused"])
        self.assertEqual(second.action_timer_start()["paused"], self.ticket.number)

    def test_ticket_that_is_done_pauses_its_timers_and_asks(self):
        self.start("08:00:00")
        self.start("08:00:00", user=self.manager)
        with frozen(at("08:20:00")):
            self.ticket.with_user(self.manager).action_resolve()
        self.assertEqual(
            [(timer["seconds"], timer["running"]) for timer in self.get_timers()], [(1200, False)]
        )
        self.assertEqual(self.hear(), ["done"])
        self.assertEqual(self.hear(self.manager), ["done"])
        [line] = self.stop("09:00:00")
        self.assertEqual(self.minutes(line.unit_amount), 20)

    def test_ticket_that_became_another_teams_takes_the_work_done(self):
        self.start("08:00:00")
        self.ticket.write({"team_id": self.team_internet.id, "user_id": False})
        self.assertFalse(self.ticket.with_user(self.agent_voice).has_access("read"))
        [line] = self.stop("08:30:00", name="Took it up")
        self.assertEqual(self.minutes(line.unit_amount), 30)
        self.assertEqual(line.user_id, self.agent_voice)

    def test_each_part_is_billable_as_its_rate_has_it_unless_the_agent_says_otherwise(self):
        self.rate_out.is_free = True
        self.start("16:30:00")
        inside, outside = self.stop("17:30:00")
        self.assertEqual([inside.billable, outside.billable], [True, False])
        other = self.make_ticket(name="Slow line")
        self.start("16:30:00", ticket=other, day=4)
        inside, outside = self.stop("17:30:00", ticket=other, day=4, billable=False)
        self.assertEqual([inside.billable, outside.billable], [False, False])

    def test_query_count_of_starting(self):
        self.start("08:00:00")
        self.pause("08:01:00")
        with frozen(at("08:02:00")), self.assertQueryCount(25):
            self.ticket.with_user(self.agent_voice).action_timer_start()

    def test_query_count_of_showing_them_is_the_same_for_many(self):
        for n in range(10):
            self.start("08:00:00", ticket=self.make_ticket(name=f"Ticket {n}"))
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(3), frozen(at("08:01:00")):
            timers = self.get_timers()
        self.assertEqual(len(timers), 10)


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

    def test_own_timers_alone_are_paused_discarded_and_logged(self):
        self.start("08:00:00")
        theirs = self.ticket.with_user(self.manager)
        theirs.action_timer_pause()
        theirs.action_timer_discard()
        with self.assertRaisesRegex(UserError, "No timer of yours"):
            theirs.action_timer_stop()
        dialog = self.env["telecom.timer.stop"].with_user(self.manager)
        dialog = dialog.create({"ticket_id": self.ticket.id, "minutes": 10})
        with self.assertRaisesRegex(UserError, "No timer of yours"):
            dialog.action_log()
        self.assertTrue(self.get_timers()[0]["running"])

    def test_manager_of_another_company(self):
        company = self.env["res.company"].sudo().create({"name": "Other Operator"})
        stranger = self.make_user(
            "stranger",
            "telecom_helpdesk.group_manager",
            company_id=company.id,
            company_ids=company.ids,
        )
        with self.assertRaises(AccessError):
            self.start("08:00:00", user=stranger)


@tagged("-at_install", "post_install")
class TestTimerPage(TimeCommon, HttpCase):
    def get_session(self, login):
        self.authenticate(login, login)
        return self.make_jsonrpc_request("/web/session/get_session_info")

    def test_timers_come_with_the_page_for_agents_alone(self):
        self.ticket.with_user(self.agent_voice).action_timer_start()
        [timer] = self.get_session("agent_voice")["telecom_timers"]["timers"]
        self.assertEqual((timer["number"], timer["running"]), (self.ticket.number, True))
        self.assertEqual(self.get_session("manager")["telecom_timers"]["timers"], [])
        self.assertNotIn("telecom_timers", self.get_session("accountant"))
