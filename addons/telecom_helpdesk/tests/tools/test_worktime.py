import random
from datetime import datetime, timedelta
from unittest.mock import patch

from pytz import timezone, utc

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import BaseCase

from ...tools.worktime import WorkTimeline
from ..common import HelpdeskCase

DAY = [
    (datetime(2026, 3, 2, 8), datetime(2026, 3, 2, 12)),
    (datetime(2026, 3, 2, 13), datetime(2026, 3, 2, 17)),
    (datetime(2026, 3, 3, 8), datetime(2026, 3, 3, 12)),
]


class TestWorkTimeline(BaseCase):
    def test_table(self):
        line = WorkTimeline(DAY)
        at = datetime(2026, 3, 2, 8)
        for start, hours, expected in (
            (at, 0, at),
            (at, 1, at.replace(hour=9)),
            (at, 4, at.replace(hour=12)),  # the closing instant
            (at, 4.5, at.replace(hour=13, minute=30)),
            (at.replace(hour=12, minute=30), 1, at.replace(hour=14)),
            (at.replace(hour=16), 2, datetime(2026, 3, 3, 9)),
            (at.replace(hour=3), 8, at.replace(hour=17)),
            (at, 12, datetime(2026, 3, 3, 12)),
            (at, 12.1, None),
        ):
            with self.subTest(start=start, hours=hours):
                self.assertEqual(line.add(start, hours * 3600), expected)
        self.assertEqual(line.between(at.replace(hour=11), at.replace(hour=14)), 2 * 3600)
        self.assertEqual(line.between(at.replace(hour=14), at.replace(hour=11)), 0)
        self.assertEqual(line.between(at.replace(hour=1), at.replace(hour=2)), 0)
        self.assertEqual(WorkTimeline([]).between(at, at.replace(hour=20)), 0)
        self.assertIsNone(WorkTimeline([]).add(at, 1))

    def test_what_lies_ahead(self):
        line = WorkTimeline(DAY)
        at = datetime(2026, 3, 2, 9)
        self.assertEqual(line.ahead(at.replace(hour=7), 9), DAY)
        self.assertEqual(line.ahead(at, 2), [(at, DAY[0][1]), DAY[1]])
        self.assertEqual(line.ahead(at.replace(hour=12), 1), [DAY[1]], "the closing instant")
        self.assertEqual(line.ahead(at.replace(day=9), 1), [])

    def test_what_is_added_lies_between(self):
        rng = random.Random(7)
        line = WorkTimeline(DAY)
        for _case in range(500):
            start = datetime(2026, 3, 2) + timedelta(seconds=rng.randrange(86400))
            seconds = rng.randrange(1, 6 * 3600)
            stop = line.add(start, seconds)
            if stop:
                self.assertEqual(line.between(start, stop), seconds)
                self.assertLess(line.between(start, stop - timedelta(seconds=1)), seconds)


class TestCalendarTime(HelpdeskCase):
    """Instants agree with Odoo's own arithmetic, daylight saving and holidays included."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.quietly_create(
            "resource.calendar",
            {"name": "Office", "tz": "Europe/Brussels", "company_id": cls.company.id},
        )
        cls.quietly_create(
            "resource.calendar.leaves",
            {
                "name": "Easter Monday",
                "calendar_id": cls.calendar.id,
                "company_id": cls.company.id,
                "date_from": "2026-04-05 22:00:00",
                "date_to": "2026-04-06 21:59:59",
            },
        )

    def test_same_as_odoo_around_daylight_saving_and_a_holiday(self):
        rng = random.Random(11)
        for _case in range(60):
            start = datetime(2026, 3, 20) + timedelta(seconds=rng.randrange(30 * 86400))
            hours = rng.randrange(1, 60)
            expected = self.calendar.plan_hours(hours, utc.localize(start), compute_leaves=True)
            expected = expected.astimezone(utc).replace(tzinfo=None)
            found = self.calendar._work_until(self.company, start, hours * 3600)
            self.assertLessEqual(abs(found - expected), timedelta(seconds=1), (start, hours))

    def test_other_companies_holidays_do_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Theirs",
                "date_from": "2026-03-01 00:00:00",
                "date_to": "2026-03-31 00:00:00",
            }
        )
        leave.calendar_id = False
        leave.company_id = other
        self.assertEqual(leave.company_id, other)
        start = datetime(2026, 3, 2, 7)
        self.assertEqual(
            self.calendar._work_until(self.company, start, 3600), datetime(2026, 3, 2, 8)
        )
        self.assertEqual(
            self.calendar._work_between(self.company, start, datetime(2026, 3, 3, 7)), 8 * 3600
        )

    def test_calendar_without_hours_never_comes_to_an_end(self):
        self.calendar.attendance_ids.unlink()
        self.assertIsNone(self.calendar._work_until(self.company, datetime(2026, 3, 2), 3600))

    def test_thousands_of_instants_need_a_few_queries(self):
        start = datetime(2026, 3, 2, 8)
        self.calendar._work_until(self.company, start, 3600)
        before = self.env.cr.sql_log_count
        for number in range(3000):
            self.calendar._work_until(self.company, start - timedelta(hours=number), 7200)
        self.assertLessEqual(self.env.cr.sql_log_count - before, 15)

    def test_what_was_read_once_is_read_no_more(self):
        """Not in the next transaction either, which finds the ORM's caches empty."""
        start = datetime(2026, 3, 2, 8)
        self.calendar._work_until(self.company, start, 3600)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        for number in range(100):
            self.calendar._work_until(self.company, start + timedelta(hours=number), 7200)
            self.calendar._work_between(self.company, start, start + timedelta(days=number))
        self.assertEqual(self.env.cr.sql_log_count, before)

    def test_long_and_old_spans(self):
        weeks = timedelta(weeks=52 * 9)
        start = datetime(2018, 1, 1)
        self.assertEqual(
            self.calendar._work_between(self.company, start, start + weeks),
            (52 * 9 * 5 - 1) * 28800,
        )
        self.assertEqual(self.calendar._work_between(self.company, start, start - weeks), 0)
        found = self.calendar._work_until(self.company, start, 52 * 2 * 5 * 28800)
        self.assertEqual(found, datetime(2019, 12, 27, 16))  # a Friday's closing instant

    def test_round_the_clock_loses_nothing(self):
        """Odoo's midnights lack a microsecond each, its days off a second."""
        always = self.make_always("Europe/Brussels")
        start = datetime(2026, 1, 1, 0, 0, 1)
        for days in (1, 100, 1000):
            span = timedelta(days=days)
            until = always._work_until(self.company, start, span.total_seconds())
            self.assertEqual(until, start + span)
            self.assertEqual(
                always._work_between(self.company, start, start + span), span.total_seconds()
            )
        self.quietly_create(
            "resource.calendar.leaves",
            {
                "name": "Closed",
                "calendar_id": always.id,
                "date_from": "2026-05-03 22:00:00",
                "date_to": "2026-05-04 21:59:59",
            },
        )
        closing = datetime(2026, 5, 3, 22)
        self.assertEqual(
            always._work_until(self.company, closing, 1), datetime(2026, 5, 4, 22, 0, 1)
        )

    def make_always(self, tz):
        return self.quietly_create(
            "resource.calendar",
            {
                "name": "Always",
                "tz": tz,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {"name": day, "dayofweek": day, "hour_from": 0, "hour_to": 24}
                        )
                        for day in "0123456"
                    ),
                ],
            },
        )

    def test_a_day_of_a_clock_change_is_as_long_as_it_is(self):
        for tz, day, hours in (
            ("Europe/Paris", datetime(2026, 3, 29), 23),
            ("Europe/Berlin", datetime(2026, 10, 25), 25),
            ("America/New_York", datetime(2026, 3, 8), 23),
            ("Australia/Lord_Howe", datetime(2026, 4, 5), 24.5),
        ):
            calendar = self.make_always(tz)
            calendar.attendance_ids.filtered(lambda row: row.dayofweek != "6").unlink()
            found = calendar._work_between(
                self.company, day - timedelta(days=1), day + timedelta(days=2)
            )
            self.assertEqual(found, hours * 3600, tz)

    def test_windows_of_the_skipped_hour_keep_their_real_minutes(self):
        """Whatever the window, the clock on the wall tells when people work."""
        rng = random.Random(20260329)
        for number in range(60):
            zone, day = rng.choice(
                (
                    ("Europe/Paris", datetime(2026, 3, 29)),
                    ("America/New_York", datetime(2026, 3, 8)),
                    ("Australia/Lord_Howe", datetime(2026, 10, 4)),  # half an hour
                    ("Africa/Cairo", datetime(2026, 4, 24)),  # at midnight
                )
            )
            quarters = sorted(rng.sample(range(20), 2 * rng.randint(1, 3)))
            windows = [(a / 4, b / 4) for a, b in zip(quarters[::2], quarters[1::2], strict=True)]
            calendar = self.quietly_create(
                "resource.calendar",
                {
                    "name": "Night",
                    "tz": zone,
                    "attendance_ids": [
                        Command.clear(),
                        *(
                            Command.create(
                                {
                                    "name": "Night",
                                    "dayofweek": str(day.weekday()),
                                    "hour_from": begin,
                                    "hour_to": end,
                                }
                            )
                            for begin, end in windows
                        ),
                    ],
                },
            )
            start = day - timedelta(days=1)
            minutes = [start + timedelta(minutes=minute) for minute in range(3 * 24 * 60)]
            walls = [utc.localize(at).astimezone(timezone(zone)) for at in minutes]
            worked = sum(
                wall.date() == day.date()
                and any(begin <= wall.hour + wall.minute / 60 < end for begin, end in windows)
                for wall in walls
            )
            with self.subTest(number=number, zone=zone, windows=windows):
                stop = start + timedelta(days=3)
                counted = calendar._work_between(self.company, start, stop)
                self.assertEqual(counted, worked * 60)

    def test_two_weeks_that_differ(self):
        self.calendar.switch_calendar_type()
        second = self.calendar.attendance_ids.filtered(lambda row: row.week_type == "1")
        second.filtered(lambda row: not row.display_type).unlink()
        weeks = [
            self.calendar._work_between(self.company, start, start + timedelta(days=7))
            for start in (datetime(2026, 3, 2), datetime(2026, 3, 9), datetime(2026, 3, 16))
        ]
        self.assertEqual(sorted(weeks[:2]), [0, 5 * 28800])
        self.assertEqual(weeks[2], weeks[0])

    def test_changes_count_at_once_and_say_whose_hours_they_are(self):
        other = self.make_always("Europe/Paris")
        theirs = self.env["res.company"].create({"name": "Other"}).resource_calendar_id
        start, told = datetime(2026, 3, 2, 7), []

        def change(action):
            told.clear()
            action()
            calendars = self.env["resource.calendar"].union(*told)
            return calendars, self.calendar._work_until(self.company, start, 3600)

        def make_leave(**values):
            leave = {"date_from": "2026-03-02 00:00:00", "date_to": "2026-03-02 10:59:59"}
            return self.quietly_create("resource.calendar.leaves", {**leave, **values})

        with patch.object(
            self.registry["resource.calendar"],
            "_hours_changed",
            autospec=True,
            side_effect=lambda calendars: [
                told.append(calendars),
                self.env.registry.clear_cache(),
            ],
        ):
            self.assertEqual(change(lambda: None)[1], datetime(2026, 3, 2, 8))
            found = change(lambda: self.calendar.write({"tz": "UTC"}))
            self.assertEqual(found, (self.calendar, datetime(2026, 3, 2, 9)))
            found = change(lambda: make_leave(calendar_id=self.calendar.id))
            self.assertEqual(found, (self.calendar, datetime(2026, 3, 2, 12)))
            [calendars, instant] = change(
                lambda: make_leave(company_id=self.company.id, date_to="2026-03-02 12:59:59")
            )
            self.assertEqual(instant, datetime(2026, 3, 2, 14))
            self.assertLessEqual(self.calendar + other, calendars)
            self.assertNotIn(theirs, calendars)
            morning = self.calendar.attendance_ids.filtered(lambda row: row.dayofweek == "0")[:1]
            self.assertEqual(change(morning.unlink)[0], self.calendar)
            self.assertEqual(change(lambda: self.calendar.write({"name": "New"}))[0], other[:0])

    def test_a_change_is_told_again_once_it_is_there_for_all(self):
        """Somebody may read the old hours between the change and its commit."""
        self.env.cr.postcommit.clear()
        with patch.object(type(self.env.registry), "clear_cache") as clear_cache:
            self.calendar.tz = "UTC"
            self.calendar.tz = "Europe/Paris"
            clear_cache.reset_mock()
            self.env.cr.postcommit.run()
        clear_cache.assert_called_once()

    def test_hours_that_nobody_can_count_by_are_refused(self):
        self.calendar._check_has_hours("the policy “Gold”")
        self.calendar.attendance_ids.unlink()
        with self.assertRaisesRegex(ValidationError, "Office.*“Gold”.*is empty"):
            self.calendar._check_has_hours("the policy “Gold”")
        flexible = self.make_always("UTC")
        flexible.schedule_type = "flexible"
        with self.assertRaisesRegex(ValidationError, "is flexible"):
            flexible._check_has_hours("the policy “Gold”")
