import random
from datetime import date, timedelta

from odoo.tests import BaseCase

from odoo.addons.telecom_helpdesk_timesheet.tools.allotment import (
    Entry,
    Grant,
    allot,
    find_period,
    make_statements,
)


def grants_of(minutes, *carry_overs):
    """A grant of ``minutes`` for each of the first months of 2026, by its number."""
    return [
        Grant(
            month,
            date(2026, month, 1),
            date(2026, month + 1, 1) - timedelta(days=1),
            minutes,
            carry_over,
        )
        for month, carry_over in enumerate(carry_overs, start=1)
    ]


def entry(key, month, day, minutes, fixed=None):
    return Entry(key, date(2026, month, day), minutes, fixed=fixed)


class TestAllotment(BaseCase):
    def test_the_oldest_work_gets_the_hours(self):
        grants = grants_of(60, "none")
        entries = [entry("b", 1, 20, 45), entry("a", 1, 10, 30)]
        self.assertEqual(allot(grants, entries), {"a": {1: 30}, "b": {1: 30}})

    def test_unused_hours_are_lost_carried_to_the_next_period_or_to_the_end(self):
        for carry_over, usage in [
            ("none", {"late": {3: 60}}),
            ("next", {"late": {2: 60, 3: 60}}),
            ("end", {"late": {1: 60, 2: 60, 3: 30}}),
        ]:
            with self.subTest(carry_over=carry_over):
                grants = grants_of(60, *[carry_over] * 3)
                self.assertEqual(allot(grants, [entry("late", 3, 5, 150)]), usage)

    def test_hours_to_come_cover_nothing(self):
        self.assertEqual(
            allot(grants_of(60, "end", "end"), [entry("a", 1, 31, 90)]), {"a": {1: 60}}
        )

    def test_work_before_and_after_the_contract_is_not_covered(self):
        entries = [
            Entry("before", date(2025, 12, 31), 60),
            Entry("after", date(2026, 2, 1), 60),
        ]
        self.assertEqual(allot(grants_of(60, "end"), entries), {"before": {}, "after": {}})

    def test_what_is_billed_stays_as_it_is(self):
        grants = grants_of(60, "none")
        entries = [entry("a", 1, 1, 60), entry("billed", 1, 20, 45, fixed={1: 45})]
        self.assertEqual(allot(grants, entries), {"billed": {1: 45}, "a": {1: 15}})

    def test_billing_takes_nothing_from_work_that_was_covered(self):
        grants = grants_of(60, "next", "next")
        entries = [entry("a", 1, 9, 60), entry("b", 2, 9, 60)]
        before = allot(grants, entries)
        self.assertEqual(before, {"a": {1: 60}, "b": {2: 60}})
        billed = [entries[0], entries[1]._replace(fixed=before["b"])]
        self.assertEqual(allot(grants, billed), before)

    def test_a_statement_tells_what_became_of_the_hours(self):
        entries = [entry("a", 1, 9, 20), entry("b", 2, 9, 90)]
        for carry_over, today, expected in [
            ("none", date(2026, 2, 10), [(0, 20, 40, 0), (0, 60, 0, 0)]),
            ("next", date(2026, 2, 10), [(0, 20, 0, 40), (40, 90, 0, 10)]),
            ("next", date(2026, 3, 1), [(0, 20, 0, 40), (40, 90, 0, 10)]),
            ("end", date(2026, 1, 10), [(0, 20, 0, 40), (40, 90, 0, 10)]),
        ]:
            with self.subTest(carry_over=carry_over, today=today):
                grants = grants_of(60, *[carry_over] * 2)
                usage = allot(grants, entries)
                statements = make_statements(grants, entries, usage, today)
                self.assertEqual([tuple(statements[key]) for key in (1, 2)], expected)

    def test_at_the_end_of_the_contract_all_that_is_left_is_lost(self):
        grants = grants_of(60, "end", "end")
        entries = [entry("a", 1, 9, 20)]
        usage = allot(grants, entries)
        statements = make_statements(grants, entries, usage, date(2026, 3, 5), ended=True)
        self.assertEqual(tuple(statements[2]), (40, 0, 100, 0))

    def test_the_accounts_balance_whatever_happens(self):
        chance = random.Random(2026)
        for case in range(4000):
            with self.subTest(case=case):
                self.check_story(chance)

    def check_story(self, chance):
        carry_overs = chance.choices(["none", "next", "end"], k=chance.randint(1, 6))
        if chance.random() < 0.5:
            carry_overs = [carry_overs[0]] * len(carry_overs)
        grants = [
            grant._replace(minutes=chance.choice([0, 15, 60, 300]))
            for grant in grants_of(0, *carry_overs)
        ]
        entries = [
            Entry(
                key,
                date(2025, 12, 20) + timedelta(days=chance.randrange(220)),
                chance.choice([0, 15, 45, 60, 240]),
            )
            for key in range(chance.randint(0, 12))
        ]
        usage = self.check_fold(grants, entries, chance)
        # Some of it is billed: that changes neither what is billed nor what the others get.
        billed = [
            item._replace(fixed=usage[item.key]) if chance.random() < 0.4 else item
            for item in entries
        ]
        self.assertEqual(allot(grants, billed), usage)
        # More work comes in, of any age: what is billed keeps its hours.
        more = [
            Entry(100 + key, date(2026, 1, 1) + timedelta(days=chance.randrange(180)), 45)
            for key in range(chance.randint(0, 4))
        ]
        after = self.check_fold(grants, billed + more, chance)
        for item in billed:
            if item.fixed is not None:
                self.assertEqual(after[item.key], item.fixed)

    def check_fold(self, grants, entries, chance):
        usage = allot(grants, entries)
        shuffled = chance.sample(entries, len(entries))
        self.assertEqual(allot(chance.sample(grants, len(grants)), shuffled), usage)
        self.assertEqual(usage.keys(), {item.key for item in entries})
        by_key = {grant.key: (place, grant) for place, grant in enumerate(grants)}
        spent = dict.fromkeys(by_key, 0)
        for item in entries:
            self.assertLessEqual(sum(usage[item.key].values()), item.minutes)
            place = find_period(grants, item.day)
            for key, minutes in usage[item.key].items():
                source, grant = by_key[key]
                self.assertGreater(minutes, 0)
                self.assertLessEqual(grant.start, item.day)
                age = place - source
                self.assertLessEqual(age, {"none": 0, "next": 1, "end": age}[grant.carry_over])
                spent[key] += minutes
        for key, minutes in spent.items():
            self.assertLessEqual(minutes, by_key[key][1].minutes)
        today = date(2026, 1, 1) + timedelta(days=chance.randrange(250))
        ended = chance.random() < 0.2
        self.check_statements(grants, entries, usage, today, ended)
        return usage

    def check_statements(self, grants, entries, usage, today, ended):
        statements = make_statements(grants, entries, usage, today, ended)
        carried = 0
        for grant in grants:
            statement = statements[grant.key]
            self.assertEqual(statement.carried, carried)
            self.assertEqual(
                statement.carried + grant.minutes,
                statement.used + statement.lost + statement.left,
            )
            self.assertGreaterEqual(min(statement), 0)
            carried = statement.left
        self.assertEqual(
            sum(grant.minutes for grant in grants),
            sum(s.used + s.lost for s in statements.values()) + carried,
        )
        self.assertEqual(
            sum(s.used for s in statements.values()),
            sum(sum(used.values()) for used in usage.values()),
        )
        if ended:
            self.assertEqual(carried, 0)
