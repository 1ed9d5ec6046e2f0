from datetime import datetime, timedelta
from itertools import permutations
from random import Random

from odoo.tests import BaseCase

from ..tools.reckoning import CALL_OUT, DAY, ENTRY, Terms, Work, group, reckon

BY_ENTRY = Terms("e", ENTRY, 60, 15)
BY_DAY = Terms("d", DAY, 60, 15)
CALLED = Terms("c", CALL_OUT, 60, 15, 30)
CALLED_BY_DAY = Terms("w", CALL_OUT, 0, 15, 30)  # the same in working hours, without a minimum
EXACT = Terms("x", ENTRY, 0, 1)


def work(key, terms, start, minutes, piece=None, billed=None):
    """Work from ``start`` ("02 23:50", or "02": on that day of March 2026) on."""
    begin = datetime.strptime(f"2026-03-{start}", "%Y-%m-%d %H:%M" if " " in start else "%Y-%m-%d")
    known = begin if " " in start else None
    stop = known and known + timedelta(minutes=minutes)
    return Work(key, terms, minutes, begin.date(), piece or key, known, stop, billed)


class TestReckoning(BaseCase):
    """Minimum and step count once for what belongs together."""

    # Entries of one ticket, and what is billed of each.
    CASES = [
        ("short", [work(1, BY_ENTRY, "02 09:00", 10)], [60]),
        ("over the minimum", [work(1, BY_ENTRY, "02 09:00", 61)], [75]),
        ("minimum below the step", [work(1, Terms("o", ENTRY, 50, 60), "02 09:00", 50)], [60]),
        ("nothing", [work(1, BY_ENTRY, "02 09:00", 0)], [0]),
        (
            "two entries are two",
            [work(1, BY_ENTRY, "02 09:00", 10), work(2, BY_ENTRY, "02 09:20", 10)],
            [60, 60],
        ),
        (
            "an entry cut at midnight",
            [work(1, BY_ENTRY, "02 23:50", 10), work(2, BY_ENTRY, "03 00:00", 10, piece=1)],
            [45, 15],
        ),
        (
            "a day, whatever the pauses",
            [work(1, BY_DAY, "02 09:00", 10), work(2, BY_DAY, "02 17:00", 10)],
            [45, 15],
        ),
        (
            "the next day",
            [work(1, BY_DAY, "02 09:00", 10), work(2, BY_DAY, "03 09:00", 10)],
            [60, 60],
        ),
        (
            "a day, over midnight",
            [work(1, BY_DAY, "02 23:50", 10), work(2, BY_DAY, "03 00:00", 10, piece=1)],
            [45, 15],
        ),
        (
            "steps are of the sum",
            [work(n, BY_DAY, "02", 35) for n in (1, 2, 3)],
            [45, 30, 30],
        ),
        (
            "a call-out with a pause",
            [work(1, CALLED, "02 20:00", 10), work(2, CALLED, "02 20:40", 10)],
            [45, 15],
        ),
        (
            "a call-out over midnight, logged anew",
            [work(1, CALLED, "02 23:50", 10), work(2, CALLED, "03 00:10", 10)],
            [45, 15],
        ),
        (
            "two call-outs",
            [work(1, CALLED, "02 20:00", 10), work(2, CALLED, "02 20:41", 10)],
            [60, 60],
        ),
        (
            "without a time: of the day's first call-out",
            [
                work(1, CALLED, "02 20:00", 10),
                work(2, CALLED, "02 23:00", 10),
                work(3, CALLED, "02", 10),
                work(4, CALLED, "03", 10),
            ],
            [45, 60, 15, 60],
        ),
        (
            "over the border of working hours",
            [work(1, CALLED_BY_DAY, "02 17:50", 10), work(2, CALLED, "02 18:00", 10, piece=1)],
            [15, 45],
        ),
        (
            "the same in the morning",
            [work(1, CALLED, "02 08:50", 10), work(2, CALLED_BY_DAY, "02 09:00", 10, piece=1)],
            [45, 15],
        ),
        (
            "minimum on both sides of the border",
            [
                work(1, Terms("w", CALL_OUT, 60, 15, 30), "02 17:40", 20),
                work(2, CALLED, "02 18:00", 20, piece=1),
            ],
            [30, 30],
        ),
        (
            "what was billed has the minimum",
            [work(1, CALLED, "02 20:00", 10, billed=60), work(2, CALLED, "02 20:20", 40)],
            [60, 0],
        ),
        (
            "what is more is billed",
            [work(1, CALLED, "02 20:00", 10, billed=60), work(2, CALLED, "02 20:20", 65)],
            [60, 15],
        ),
        (
            "what was billed too much stays",
            [work(1, CALLED, "02 20:00", 10, billed=120), work(2, CALLED, "02 20:20", 65)],
            [120, 0],
        ),
    ]

    def count(self, works):
        result = {}
        for together in group(works):
            result.update(reckon(together))
        return result

    def test_cases(self):
        for story, works, expected in self.CASES:
            with self.subTest(story):
                # "Steps are of the sum" and the like: in the order of the entries, not of approval.
                for order in permutations(works):
                    result = self.count(order)
                    self.assertEqual([result[each.key] for each in works], expected)

    def test_each_is_counted_once_and_never_below_what_was_worked(self):
        random = Random(1)
        for _story in range(300):
            works = [
                work(
                    key,
                    random.choice([BY_ENTRY, BY_DAY, CALLED, CALLED_BY_DAY, EXACT]),
                    f"{random.randint(1, 3):02}"
                    + random.choice(
                        ["", f" {random.randint(0, 23):02}:{random.randint(0, 59):02}"]
                    ),
                    random.randint(1, 90),
                )
                for key in range(random.randint(1, 8))
            ]
            groups = group(works)
            self.assertEqual(
                sorted(each.key for together in groups for each in together),
                [each.key for each in works],
            )
            for together in groups:
                total = sum(reckon(together).values())
                spent = sum(each.minutes for each in together)
                minimum = max(each.terms.minimum for each in together)
                self.assertLessEqual(max(spent, minimum), total)
                self.assertLess(total, max(spent + 15 * 2, minimum + 1))
