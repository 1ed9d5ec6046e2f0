from types import SimpleNamespace

from odoo.tests import BaseCase

from ...tools.durations import describe_seconds, format_hours, to_hours, to_minutes
from ...tools.first_match import Candidate, first_match, read_path


class TestDurations(BaseCase):
    def test_hours_and_minutes(self):
        for hours, minutes in (
            (0, 0),
            (False, 0),
            (0.1, 6),
            (1 / 3, 20),
            (1.0083333, 60),
            (7.75, 465),
        ):
            with self.subTest(hours=hours):
                self.assertEqual(to_minutes(hours), minutes)
        self.assertEqual(to_minutes(to_hours(137)), 137)

    def test_figures(self):
        for minutes, text in ((0, "0:00"), (5, "0:05"), (65, "1:05"), (6000, "100:00")):
            self.assertEqual(format_hours(minutes), text)

    def test_words_cut_what_is_less_than_a_minute_off(self):
        env = SimpleNamespace(_=lambda text, *args, **kwargs: text % (kwargs or args))
        for seconds, text in (
            (-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"),
            (3600, "1 h"), (3659, "1 h"), (5400, "1 h 30 min"), (86_400, "24 h"),
        ):  # fmt: skip
            with self.subTest(seconds=seconds):
                self.assertEqual(describe_seconds(env, seconds), text)


class TestFirstMatch(BaseCase):
    def candidate(self, id_, company_id=False, tiers=(), categories=()):
        names, criteria = ("tier", "category"), (frozenset(tiers), frozenset(categories))
        return Candidate(id_, 10, company_id, names, criteria)

    def test_the_first_that_wants_nothing_else_counts(self):
        others = self.candidate(1, company_id=2)
        gold = self.candidate(2, tiers=[7])
        voice = self.candidate(3, categories=[5])
        everybody = self.candidate(4)
        order = [others, gold, voice, everybody]
        for company, facts, expected in (
            (2, ((), ()), others),
            (1, ((7,), (5,)), gold),
            (1, ((8,), (1, 5)), voice),
            (1, ((), ()), everybody),
        ):
            with self.subTest(company=company, facts=facts):
                self.assertEqual(first_match(order, company, facts), expected)
        self.assertIsNone(first_match(order[:3], 1, ((), ())))

    def test_it_says_what_does_not_hold(self):
        one = self.candidate(1, company_id=1, tiers=[7], categories=[5])
        self.assertEqual(one.find_mismatch(2, ((7,), (5,))), "company_id")
        self.assertEqual(one.find_mismatch(1, ((), ())), "tier")
        self.assertEqual(one.find_mismatch(1, ((7,), (6,))), "category")
        self.assertIsNone(one.find_mismatch(1, ((7,), (4, 5))))
        self.assertTrue(one.asks_for("tier"))
        self.assertFalse(self.candidate(2).asks_for("tier"))

    def test_a_tree_comes_with_what_is_above(self):
        self.assertEqual(read_path(SimpleNamespace(parent_path="1/12/5/")), (1, 12, 5))
        self.assertEqual(read_path(SimpleNamespace(parent_path=False)), ())
