import random
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from odoo.tests import BaseCase

from odoo.addons.telecom_helpdesk.tools.durations import to_hours, to_minutes
from odoo.addons.telecom_helpdesk_timesheet.tools.hours import DOWN, NEAREST, UP, round_minutes
from odoo.addons.telecom_helpdesk_timesheet.tools.hours_split import find_borders, fit, split
from odoo.addons.telecom_helpdesk_timesheet.tools.periods import (
    count_months,
    find_first,
    iterate,
    prorate,
)


def at(text, day="2026-03-02"):
    """``text`` ("17:50") as a naive datetime of ``day``, a Monday."""
    return datetime.fromisoformat(f"{day} {text}")


def day(text):
    return date.fromisoformat(text)


class TestHours(BaseCase):
    def test_minutes_survive_the_way_through_floats(self):
        for minutes in range(60 * 50):
            self.assertEqual(to_minutes(to_hours(minutes)), minutes)
        self.assertEqual(to_minutes(0.1), 6)
        self.assertEqual(to_minutes(1.1), 66)
        self.assertEqual(to_minutes(0.5 / 60), 1, "half a minute up")
        self.assertEqual(to_minutes(0.4 / 60), 0)
        self.assertEqual(to_minutes(None), 0)

    def test_a_step_is_applied_up_down_or_to_the_nearest(self):
        for minutes, step, up, nearest, down in [
            (0, 15, 0, 0, 0),
            (1, 15, 15, 15, 15),  # not to nothing
            (15, 15, 15, 15, 15),
            (16, 15, 30, 15, 15),
            (22, 15, 30, 15, 15),
            (Fraction(45, 2), 15, 30, 30, 15),
            (29, 15, 30, 30, 15),
            (61, 30, 90, 60, 60),
            (7, 1, 7, 7, 7),
            (7, 0, 7, 7, 7),
            (Fraction(21, 2), 1, 11, 11, 10),
            (Fraction(1, 3), 1, 1, 1, 1),
        ]:
            with self.subTest(minutes=minutes, step=step):
                self.assertEqual(
                    [round_minutes(minutes, step, rounding) for rounding in (UP, NEAREST, DOWN)],
                    [up, nearest, down],
                )

    def test_short_work_rounds_to_nothing_where_it_is_said(self):
        for minutes, nearest, down in [(7, 0, 0), (8, 15, 0), (15, 15, 15)]:
            with self.subTest(minutes=minutes):
                self.assertEqual(round_minutes(minutes, 15, NEAREST, True), nearest)
                self.assertEqual(round_minutes(minutes, 15, DOWN, True), down)


class TestHoursSplit(BaseCase):
    # Monday 9 to 12 and 13 to 18, Tuesday the same.
    BORDERS = find_borders(
        [
            (at(start, date), at(stop, date))
            for date in ("2026-03-02", "2026-03-03")
            for start, stop in (("09:00", "12:00"), ("13:00", "18:00"))
        ]
    )

    def split(self, minutes, *segments):
        return [
            (part.period, part.start, part.minutes)
            for part in split(list(segments), self.BORDERS, minutes)
        ]

    def test_a_midday_break_is_within_working_hours(self):
        self.assertEqual(
            self.BORDERS,
            [
                at("09:00"),
                at("18:00"),
                at("09:00", "2026-03-03"),
                at("18:00", "2026-03-03"),
            ],
        )
        evening = find_borders([(at("06:00"), at("09:00")), (at("17:00"), at("22:00"))])
        self.assertEqual(len(evening), 4, "eight hours are no break")

    def test_work_is_cut_where_the_hours_end(self):
        self.assertEqual(
            self.split(60, (at("17:30"), at("18:30"))),
            [("working", at("17:30"), 30), ("out", at("18:00"), 30)],
        )
        self.assertEqual(self.split(60, (at("17:00"), at("18:00"))), [("working", at("17:00"), 60)])
        self.assertEqual(self.split(60, (at("18:00"), at("19:00"))), [("out", at("18:00"), 60)])

    def test_work_over_a_night_has_three_parts(self):
        self.assertEqual(
            self.split(17 * 60, (at("17:00"), at("10:00", "2026-03-03"))),
            [
                ("working", at("17:00"), 60),
                ("out", at("18:00"), 15 * 60),
                ("working", at("09:00", "2026-03-03"), 60),
            ],
        )

    def test_a_pause_is_in_no_part(self):
        self.assertEqual(
            self.split(40, (at("17:40"), at("17:50")), (at("18:10"), at("18:40"))),
            [("working", at("17:40"), 10), ("out", at("18:10"), 30)],
        )
        self.assertEqual(
            self.split(40, (at("10:00"), at("10:10")), (at("11:10"), at("11:40"))),
            [("working", at("10:00"), 40)],
        )

    def test_after_a_pause_over_night_another_part_begins(self):
        self.assertEqual(
            self.split(
                60,
                (at("17:00"), at("17:30")),
                (at("09:30", "2026-03-03"), at("10:00", "2026-03-03")),
            ),
            [("working", at("17:00"), 30), ("working", at("09:30", "2026-03-03"), 30)],
        )

    def test_the_agent_may_count_less_or_more_than_the_clock(self):
        segments = [(at("17:00"), at("17:30")), (at("17:50"), at("18:10"))]
        self.assertEqual(fit(segments, 20), [(at("17:00"), at("17:20"))])
        self.assertEqual(fit(segments, 60), [segments[0], (at("17:50"), at("18:20"))])
        self.assertEqual(fit([(at("17:00"), at("17:00"))], 5), [(at("17:00"), at("17:05"))])
        self.assertEqual(self.split(0, *segments), [])

    def test_no_minute_is_lost_whatever_the_work(self):
        chance = random.Random(6)
        for _case in range(3000):
            start = at("00:00") + timedelta(seconds=chance.randrange(3 * 86400))
            segments = []
            for _segment in range(chance.randint(1, 5)):
                stop = start + timedelta(seconds=chance.randrange(1, 8 * 3600))
                segments.append((start, stop))
                start = stop + timedelta(seconds=chance.randrange(1, 6 * 3600))
            minutes = chance.choice([chance.randrange(1, 30 * 60), self.count(segments)])
            parts = split(segments, self.BORDERS, minutes)
            self.assertEqual(sum(part.minutes for part in parts), minutes)
            self.assertTrue(all(part.minutes > 0 for part in parts))
            self.assertEqual(sorted(part.start for part in parts), [p.start for p in parts])
            for part in parts:
                # Taken in one piece from its start a part is not cut again.
                piece = (part.start, part.start + timedelta(minutes=part.minutes))
                again = split([piece], self.BORDERS, part.minutes)
                tolerance = 1  # a border within a minute that was rounded
                self.assertGreaterEqual(again[0].minutes, part.minutes - tolerance)
                self.assertEqual(again[0].period, part.period)

    def count(self, segments):
        return round(sum((b - a).total_seconds() for a, b in segments) / 60)


class TestPeriods(BaseCase):
    def test_the_end_of_a_month_stays_the_end(self):
        starts = [
            s for s, _e in iterate(day("2026-01-31"), "month", day("2026-01-31"), day("2026-06-01"))
        ]
        self.assertEqual(
            [str(start) for start in starts],
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"],
        )

    def test_periods_are_counted_from_the_anchor(self):
        for anchor, unit, when, first in [
            ("2026-01-15", "month", "2026-03-14", "2026-02-15"),
            ("2026-01-15", "month", "2026-03-15", "2026-03-15"),
            ("2025-11-15", "quarter", "2026-03-15", "2026-02-15"),
            ("2024-02-29", "year", "2026-02-27", "2025-02-28"),
            ("2024-02-29", "year", "2026-02-28", "2026-02-28"),
        ]:
            with self.subTest(anchor=anchor, unit=unit, when=when):
                self.assertEqual(str(find_first(day(anchor), unit, day(when))), first)

    def test_a_share_of_a_period_is_counted_by_days(self):
        for minutes, stop, share in [
            (600, "2026-04-30", 600),
            (600, "2026-04-19", 380),
            (600, "2026-04-01", 20),
            (100, "2026-04-10", 34),  # a minute that was begun counts
            (0, "2026-04-10", 0),
        ]:
            with self.subTest(minutes=minutes, stop=stop):
                start, last = day("2026-04-01"), day("2026-04-30")
                self.assertEqual(prorate(minutes, start, day(stop), last), share)

    def test_periods_follow_one_another_without_a_gap(self):
        chance = random.Random(7)
        for _case in range(300):
            anchor = day("2020-01-01") + timedelta(days=chance.randrange(1500))
            unit = chance.choice(["month", "quarter", "year"])
            until = anchor + timedelta(days=chance.randrange(2000))
            periods = list(iterate(anchor, unit, anchor, until))
            self.assertEqual(periods[0][0], anchor)
            self.assertLessEqual(periods[-1][0], until)
            self.assertGreaterEqual(periods[-1][1], until)
            for (_start, stop), (start, _stop) in pairwise(periods):
                self.assertEqual(start - stop, timedelta(days=1))
                self.assertEqual(find_first(anchor, unit, start), start)
                self.assertEqual(count_months(anchor, stop), count_months(anchor, start) - 1)
