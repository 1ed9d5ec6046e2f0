import random
from datetime import date, timedelta

from odoo.tests import BaseCase

from odoo.addons.telecom_helpdesk_timesheet.tools.allotment import (
    Entry,
    Pack,
    allot_packs,
    make_balances,
)


def pack(key, start, stop, minutes=60):
    return Pack(key, date.fromisoformat(start), date.fromisoformat(stop), minutes)


def entry(key, day, minutes, fixed=None):
    return Entry(key, date.fromisoformat(day), minutes, fixed=fixed)


class TestPackAllotment(BaseCase):
    def test_the_oldest_pack_that_is_open_on_the_day(self):
        packs = [
            pack(2, "2026-02-01", "2026-12-31"),
            pack(1, "2026-01-01", "2026-01-31"),
            Pack(3, date(2026, 3, 1), date.max, 60),
        ]
        for day, minutes, used in [
            ("2025-12-31", 30, {}),
            ("2026-01-31", 90, {1: 60}),
            ("2026-02-01", 90, {2: 60}),
            ("2026-03-01", 90, {2: 60, 3: 30}),
            ("2027-01-01", 90, {3: 60}),
        ]:
            with self.subTest(day=day):
                self.assertEqual(allot_packs(packs, [entry("a", day, minutes)]), {"a": used})

    def test_of_two_of_one_day_the_one_that_expires_first(self):
        packs = [pack(1, "2026-01-01", "2026-12-31"), pack(2, "2026-01-01", "2026-03-31")]
        usage = allot_packs(packs, [entry("a", "2026-02-01", 30)])
        self.assertEqual(usage, {"a": {2: 30}})

    def test_what_is_left_at_the_end_is_lost(self):
        packs = [pack(1, "2026-01-01", "2026-01-31")]
        usage = allot_packs(packs, [entry("a", "2026-01-05", 20)])
        self.assertEqual(tuple(make_balances(packs, usage, date(2026, 1, 31))[1]), (20, 0, 40))
        self.assertEqual(tuple(make_balances(packs, usage, date(2026, 2, 1))[1]), (20, 40, 0))

    def test_no_hour_is_used_twice_whatever_happens(self):
        chance = random.Random(2026)
        for case in range(3000):
            with self.subTest(case=case):
                self.check_story(chance)

    def check_story(self, chance):
        packs = []
        for key in range(chance.randint(1, 6)):
            start = date(2026, 1, 1) + timedelta(days=chance.randrange(120))
            stop = date.max if chance.random() < 0.3 else start + timedelta(chance.randrange(90))
            packs.append(Pack(key, start, stop, chance.choice([15, 60, 300])))
        entries = self.make_entries(chance, chance.randint(0, 12), 0)
        usage = self.check_fold(packs, entries, chance)
        # Some of it is billed: that changes neither what is billed nor what the others get.
        billed = [
            item._replace(fixed=usage[item.key]) if chance.random() < 0.4 else item
            for item in entries
        ]
        self.assertEqual(allot_packs(packs, billed), usage)
        # More work comes in, of any age: what is billed keeps its hours.
        more = self.make_entries(chance, chance.randint(0, 4), 100)
        after = self.check_fold(packs, billed + more, chance)
        for item in billed:
            if item.fixed is not None:
                self.assertEqual(after[item.key], item.fixed)

    def make_entries(self, chance, count, first_key):
        return [
            Entry(
                first_key + key,
                date(2025, 12, 20) + timedelta(days=chance.randrange(220)),
                chance.choice([0, 15, 45, 60, 240]),
            )
            for key in range(count)
        ]

    def check_fold(self, packs, entries, chance):
        usage = allot_packs(packs, entries)
        mixed = chance.sample(entries, len(entries))
        self.assertEqual(allot_packs(chance.sample(packs, len(packs)), mixed), usage)
        by_key = {item.key: item for item in packs}
        for item in entries:
            used = usage[item.key]
            self.assertLessEqual(sum(used.values()), item.minutes)
            for key in used:
                self.assertTrue(by_key[key].start <= item.day <= by_key[key].stop)
        today = date(2026, 1, 1) + timedelta(days=chance.randrange(250))
        balances = make_balances(packs, usage, today)
        for item in packs:
            balance = balances[item.key]
            self.assertEqual(sum(balance), item.minutes)
            self.assertGreaterEqual(min(balance), 0)
        self.assertEqual(
            sum(balance.used for balance in balances.values()),
            sum(sum(used.values()) for used in usage.values()),
        )
        return usage
