import random
from datetime import datetime, timedelta

from pytz import utc

from odoo.tests import BaseCase

from ..tools.worktime import WorkTimeline
from .common import HelpdeskCase

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
