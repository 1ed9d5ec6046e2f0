import datetime
import time

from odoo.tests import BaseCase

from ...tools.bounds import MAX_COMMANDS, Problem, check_value, find_problems

# type, value, reason of the refusal (None: it is allowed)
CASES = [
    ("date", "0001-01-01", "early"),
    ("date", "1899-12-31", "early"),
    ("date", "1900-01-01", None),
    ("date", "2100-12-31", None),
    ("date", "2101-01-01", "late"),
    ("date", "9999-12-31", "late"),
    ("date", datetime.date.min, "early"),
    ("date", datetime.date.max, "late"),
    ("date", datetime.datetime(9999, 12, 31), "late"),
    ("date", "2026-02-30", "format"),
    ("date", "10000-01-01", "format"),
    ("date", "tomorrow", "format"),
    ("date", 20260101, "format"),
    ("date", "2026-01-01 10:00:00", None),
    ("date", "", None),
    ("date", False, None),
    ("date", None, None),
    ("datetime", "0001-01-01 00:00:00", "early"),
    ("datetime", "1969-12-31 23:59:59", "early"),
    ("datetime", "1970-01-01 00:00:00", None),
    ("datetime", "2026-03-02T09:30:00Z", None),
    ("datetime", "9999-12-31 23:59:59", "late"),
    ("datetime", datetime.datetime(1, 1, 1), "early"),
    ("datetime", datetime.datetime(2026, 3, 2), None),
    ("datetime", "-292277022657-01-27", "format"),
    ("integer", 2**31, "high"),
    ("integer", -(2**31), "low"),
    ("integer", 10**400, "high"),
    ("integer", -(10**400), "low"),
    ("integer", -1, None),
    ("integer", 0, None),
    ("integer", True, None),
    ("integer", "12", None),
    ("integer", "9" * 5000, "format"),
    ("integer", "many", "format"),
    ("integer", [1], "format"),
    ("float", float("nan"), "format"),
    ("float", "nan", "format"),
    ("float", float("inf"), "high"),
    ("float", float("-inf"), "low"),
    ("float", "1e308", "high"),
    ("float", 1e308, "high"),
    ("float", -1e308, "low"),
    ("float", 0.25, None),
    ("float", 99_999, None),
    ("monetary", 1e13, "high"),
    ("monetary", 1e11, None),
    ("monetary", float("nan"), "format"),
    ("char", "x" * 1_000, None),
    ("char", "x" * 1_001, "long"),
    ("text", "x" * 1_000_001, "long"),
    ("html", "x" * 1_000_001, "long"),
    ("html", "x" * 100_000, None),
    ("many2one", 2**31, "format"),
    ("many2one", 10**30, "format"),
    ("many2one", (2**40, "name"), "format"),
    ("many2one", 7, None),
    ("many2one", {"name": "new"}, None),
    ("many2many", [(6, 0, list(range(MAX_COMMANDS + 1)))], "many"),
    ("many2many", [(4, 1)] * (MAX_COMMANDS + 1), "many"),
    ("many2many", list(range(MAX_COMMANDS + 1)), "many"),
    ("many2many", [(6, 0, [2**31])], "format"),
    ("one2many", [(1, 2**40, {})], "format"),
    ("one2many", [(0, 0, {"name": "x"})] * 100, None),
    ("selection", "x" * 10_000, None),
    ("boolean", 7, None),
]


class TestBounds(BaseCase):
    def test_table(self):
        for field_type, value, reason in CASES:
            with self.subTest(type=field_type, value=str(value)[:40]):
                problem = check_value(field_type, value)
                self.assertEqual(problem and problem.reason, reason)

    def test_a_field_may_have_bounds_of_its_own(self):
        self.assertEqual(check_value("integer", -1, 0, 31), Problem("low", 0))
        self.assertEqual(check_value("integer", 32, 0, 31), Problem("high", 31))
        self.assertIsNone(check_value("integer", 31, 0, 31))
        self.assertEqual(check_value("char", "abc", None, 2), Problem("long", 2))
        since = datetime.date(2020, 1, 1)
        self.assertEqual(check_value("date", "2019-12-31", since), Problem("early", since))

    def test_all_values_of_a_call(self):
        types = {"days": "integer", "hours": "float", "name": "char"}
        values = {"days": -1, "hours": float("inf"), "name": "fine", "else": float("nan")}
        self.assertEqual(
            list(find_problems(types, values, {"days": (0, 31)})),
            [("days", Problem("low", 0)), ("hours", Problem("high", 100_000.0))],
        )

    def test_it_costs_nothing(self):
        types = {"a": "integer", "b": "datetime", "c": "char", "d": "many2one", "e": "html"}
        values = {"a": 1, "b": "2026-03-02 09:30:00", "c": "x" * 50, "d": 7, "e": "x" * 5_000}
        start = time.perf_counter()
        for _time in range(1_000):
            self.assertFalse(list(find_problems(types, values)))
        self.assertLess(time.perf_counter() - start, 0.5)
