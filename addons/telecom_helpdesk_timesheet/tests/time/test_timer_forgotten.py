from datetime import datetime

from odoo.exceptions import ValidationError
from odoo.tests import BaseCase

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ...hooks import uninstall_hook
from ...tools import stopwatch
from ..timer_common import TimerCase, at


def clock(text):
    return datetime.fromisoformat(f"2026-03-{text}")


class TestStopwatch(BaseCase):
    """The arithmetic, without a database."""

    def test_where_a_forgotten_stopwatch_is_stopped(self):
        ends = [clock("03 11:00"), clock("03 17:00"), clock("04 11:00"), clock("04 17:00")]
        midnights = clock("03 23:00"), clock("04 23:00")
        for seen_at, expected in (
            # gone to lunch, gone home: it was forgotten at the end of the day
            (clock("03 08:00"), (midnights[0], clock("03 17:00"))),
            (clock("03 16:59"), (midnights[0], clock("03 17:00"))),
            (clock("03 06:00"), (midnights[0], clock("03 17:00"))),
            # called out in the evening: all night, but billed until midnight at most
            (clock("03 17:00"), (midnights[1], midnights[0])),
            (clock("03 22:30"), (midnights[1], midnights[0])),
        ):
            with self.subTest(seen_at):
                self.assertEqual(stopwatch.find_end(seen_at, *midnights, ends), expected)

    def test_several_are_joined_and_no_second_counts_twice(self):
        one = [(clock("03 08:00"), clock("03 08:10")), (clock("03 09:00"), clock("03 09:10"))]
        other = [(clock("03 08:10"), clock("03 08:30")), (clock("03 09:05"), clock("03 09:15"))]
        joined = stopwatch.join(one, other)
        self.assertEqual(
            joined,
            [(clock("03 08:00"), clock("03 08:30")), (clock("03 09:00"), clock("03 09:15"))],
        )
        self.assertEqual(stopwatch.count_seconds(joined), 45 * 60)
        self.assertEqual(stopwatch.load(stopwatch.dump(joined)), joined)

    def test_minutes_to_log(self):
        for seconds, minutes in ((0, 1), (5, 1), (89, 1), (90, 2), (1520, 25), (1530, 26)):
            with self.subTest(seconds):
                self.assertEqual(stopwatch.round_to_minutes(seconds), minutes)


class TestForgottenTimer(TimerCase):
    def get_timer(self, at_clock, day=3):
        with frozen(at(at_clock, day)):
            [timer] = self.get_timers()
        return timer

    def test_agent_is_asked_once_every_so_many_hours(self):
        self.start("08:00:00")
        self.run_due("11:59:00")
        self.assertFalse(self.ticket.activity_ids)
        self.run_due("12:00:00")
        activity = self.ticket.activity_ids
        self.assertEqual(activity.user_id, self.agent_voice)
        self.run_due("12:30:00")
        self.assertEqual(self.ticket.activity_ids, activity)
        self.run_due("16:00:00")
        self.assertEqual(len(self.ticket.activity_ids), 1)
        self.assertNotEqual(self.ticket.activity_ids, activity)
        self.assertTrue(self.get_timer("16:00:00")["running"])

    def test_agent_who_is_still_at_work_is_asked_hours_later(self):
        self.start("08:00:00")
        self.run_due("12:00:00")
        with frozen(at("13:30:00")):
            self.ticket.with_user(self.agent_voice).action_timer_confirm()
        self.assertFalse(self.ticket.activity_ids)
        self.run_due("17:00:00")
        self.assertFalse(self.ticket.activity_ids)
        self.run_due("17:30:00")
        self.assertTrue(self.ticket.activity_ids)

    def test_question_is_withdrawn_once_the_timer_is_paused(self):
        self.start("08:00:00")
        self.run_due("12:00:00")
        self.pause("12:05:00")
        self.assertFalse(self.ticket.activity_ids)

    def test_question_goes_with_the_addon(self):
        self.start("08:00:00")
        self.run_due("12:00:00")
        self.assertTrue(self.ticket.activity_ids)
        uninstall_hook(self.env)
        self.assertFalse(self.ticket.activity_ids)

    def test_what_is_forgotten_ends_with_the_working_day(self):
        self.start("15:00:00")
        self.run_due("23:00:00")
        timer = self.get_timer("09:00:00", day=4)
        # 18:00 in Paris
        self.assertEqual((timer["seconds"], timer["running"]), (2 * 3600, False))
        self.assertIn("left running", self.ticket.activity_ids.summary)
        lines = self.stop("09:00:00", day=4)
        self.assertEqual([self.minutes(line.unit_amount) for line in lines], [120])
        self.assertEqual(lines.hours_period, "working")
        self.assertFalse(self.ticket.activity_ids)

    def test_the_same_after_days_of_downtime(self):
        self.start("15:00:00")
        self.run_due("12:00:00", day=9)
        self.assertEqual(self.get_timer("12:00:00", day=9)["seconds"], 2 * 3600)

    def test_called_out_at_night_it_runs_on(self):
        self.company.telecom_timer_reminder_hours = 0
        self.start("22:00:00")
        self.run_due("23:00:00")
        self.run_due("01:00:00", day=4)
        timer = self.get_timer("02:00:00", day=4)
        self.assertEqual((timer["seconds"], timer["running"]), (4 * 3600, True))
        # ... for one night: what is forgotten counts until midnight
        self.run_due("23:00:00", day=4)
        timer = self.get_timer("23:30:00", day=4)
        self.assertEqual((timer["seconds"], timer["running"]), (3600, False))

    def test_who_said_in_the_evening_that_they_were_at_work_was(self):
        self.start("16:00:00")
        self.run_due("20:00:00")
        with frozen(at("20:05:00")):
            self.ticket.with_user(self.agent_voice).action_timer_confirm()
        self.run_due("23:00:00")
        self.assertTrue(self.get_timer("23:10:00")["running"])

    def test_desk_that_never_closes(self):
        self.team_voice.resource_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Always",
                "tz": "Europe/Paris",
                "attendance_ids": [(5, 0, 0)]
                + [
                    (
                        0,
                        0,
                        {
                            "name": "All day",
                            "dayofweek": str(day),
                            "hour_from": 0,
                            "hour_to": 24,
                            "day_period": "morning",
                        },
                    )
                    for day in range(7)
                ],
            }
        )
        self.start("21:00:00")
        self.run_due("23:00:00")
        self.assertTrue(self.get_timer("02:00:00", day=4)["running"])

    def test_browser_asks_too(self):
        self.start("08:00:00")
        self.run_due("12:00:00")
        self.assertEqual(self.hear(), ["reminder"])
        self.run_due("23:00:00")
        self.assertEqual(self.hear(), ["cut"])

    def test_asked_in_their_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.agent_voice.lang = "fr_FR"
        self.start("15:00:00")
        self.run_due("23:00:00")
        # A date as the French write it
        self.assertIn("03/03/2026 18:00", self.ticket.activity_ids.note)

    def test_setting_of_the_company(self):
        self.start("08:00:00")
        timer = self.env["telecom.ticket.timer"].search([])
        self.company.telecom_timer_reminder_hours = 2
        self.assertEqual(timer.next_due_at, datetime(2026, 3, 3, 10))
        self.company.telecom_timer_reminder_hours = 0
        self.run_due("16:00:00")
        self.assertFalse(self.ticket.activity_ids)
        with self.assertRaises(ValidationError):
            self.company.telecom_timer_reminder_hours = -1

    def test_timer_of_who_leaves_pauses_at_once(self):
        self.start("08:00:00")
        with frozen(at("08:30:00")):
            self.agent_voice.active = False
        timer = self.env["telecom.ticket.timer"].search([("user_id", "=", self.agent_voice.id)])
        self.assertFalse(timer.running_since or timer.next_due_at)
        self.assertEqual(timer._count_minutes(), 30)
