from datetime import datetime, timedelta
from fractions import Fraction
from itertools import permutations
from random import Random

from odoo.tests import BaseCase

from ...tools.billed_time import CALL_OUT, DAY, ENTRY, Terms, Work, count_together, group
from ...tools.hours import DOWN, NEAREST, UP

BY_ENTRY = Terms("e", ENTRY, 60, 15)
BY_DAY = Terms("d", DAY, 60, 15)
CALLED = Terms("c", CALL_OUT, 60, 15, 30)
CALLED_BY_DAY = Terms("w", CALL_OUT, 0, 15, 30)  # the same in working hours, without a minimum
EXACT = Terms("x", ENTRY, 0, 1)
SUNDAY = Terms("s", ENTRY, 0, 15, factor=150)
CALLED_ON_SUNDAY = Terms("cs", CALL_OUT, 60, 15, 30, factor=200)
FREE_IF_SHORT = Terms("f", ENTRY, 60, 15, rounding=NEAREST, may_be_nothing=True)
ROUNDED_DOWN = Terms("rd", DAY, 0, 15, rounding=DOWN)


def work(key, terms, start, minutes, piece=None, billed=None, share=100):
    """Work from ``start`` ("02 23:50", or "02": on that day of March 2026) on."""
    begin = datetime.strptime(f"2026-03-{start}", "%Y-%m-%d %H:%M" if " " in start else "%Y-%m-%d")
    known = begin if " " in start else None
    stop = known and known + timedelta(minutes=minutes)
    return Work(key, terms, minutes, begin.date(), piece or key, known, stop, billed, share)


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
        ("a factor", [work(1, SUNDAY, "01 09:00", 70)], [105]),
        ("a factor comes before the step", [work(1, SUNDAY, "01 09:00", 71)], [120]),
        (
            "a factor comes before the minimum",
            [work(1, CALLED_ON_SUNDAY, "01 20:00", 25), work(2, CALLED_ON_SUNDAY, "01 20:30", 10)],
            [60, 15],
        ),
        (
            "the minimum is not multiplied",
            [work(1, CALLED_ON_SUNDAY, "01 20:00", 10)],
            [60],
        ),
        (
            "half minutes are rounded once, in sum",
            [
                work(1, Terms("h", DAY, 0, 1, factor=150), "01", 5),
                work(2, Terms("h", DAY, 0, 1, factor=150), "01", 5),
            ],
            [8, 7],
        ),
        ("a share", [work(1, EXACT, "02 09:00", 60, share=50)], [30]),
        ("a share comes before the step", [work(1, SUNDAY, "01 09:00", 100, share=50)], [75]),
        ("a share and the minimum", [work(1, BY_ENTRY, "02 09:00", 100, share=50)], [60]),
        (
            "shares under one rate",
            [work(1, BY_DAY, "02", 100, share=50), work(2, BY_DAY, "02", 40)],
            [60, 30],
        ),
        ("a small share is not nothing", [work(1, EXACT, "02 09:00", 10, share=1)], [1]),
        ("rounded down", [work(n, ROUNDED_DOWN, "02", 20) for n in (1, 2)], [15, 15]),
        ("rounded down, never to nothing", [work(1, ROUNDED_DOWN, "02", 5)], [15]),
        ("short work that is free", [work(1, FREE_IF_SHORT, "02 09:00", 7)], [0]),
        ("long enough for the minimum", [work(1, FREE_IF_SHORT, "02 09:00", 8)], [60]),
        (
            "factor and step on both sides of the border",
            [
                work(1, Terms("w", CALL_OUT, 0, 15, 30), "02 17:40", 20),
                work(2, CALLED_ON_SUNDAY, "02 18:00", 20, piece=1),
            ],
            [30, 45],
        ),
        (
            "what was billed under a factor stays",
            [
                work(1, CALLED_ON_SUNDAY, "01 20:00", 10, billed=60),
                work(2, CALLED_ON_SUNDAY, "01 20:20", 35),
            ],
            [60, 30],
        ),
    ]

    def count(self, works):
        result = {}
        for together in group(works):
            result.update(count_together(together))
        return result

    def test_cases(self):
        for story, works, expected in self.CASES:
            with self.subTest(story):
                # "Steps are of the sum" and the like: in the order of the entries, not of approval.
                for order in permutations(works):
                    result = self.count(order)
                    self.assertEqual([result[each.key] for each in works], expected)

    def make_stories(self, number):
        """Lists of works on a ticket, under terms of all kinds, some of them billed."""
        random = Random(1)
        all_terms = [
            Terms(
                (counting, minimum, step, factor, rounding, may_be_nothing),
                counting,
                minimum,
                step,
                30,
                factor,
                rounding,
                may_be_nothing,
            )
            for counting in (ENTRY, DAY, CALL_OUT)
            for minimum, step in ((0, 1), (0, 15), (60, 15), (50, 60))
            for factor in (50, 100, 125, 150, 200)
            for rounding in (UP, NEAREST, DOWN)
            for may_be_nothing in (False, rounding != UP)
        ]
        for _story in range(number):
            some = random.sample(all_terms, 3)
            yield [
                work(
                    key,
                    random.choice(some),
                    f"{random.randint(1, 3):02}"
                    + random.choice(
                        ["", f" {random.randint(0, 23):02}:{random.randint(0, 59):02}"]
                    ),
                    random.randint(1, 90),
                    share=random.choice([1, 33, 50, 100, 100]),
                    billed=random.choice([None, None, None, random.randint(0, 90)]),
                )
                for key in range(random.randint(1, 8))
            ]

    def test_each_is_counted_once_within_a_step_of_what_it_is_worth(self):
        for works in self.make_stories(600):
            groups = group(works)
            self.assertEqual(
                sorted(each.key for together in groups for each in together),
                [each.key for each in works],
            )
            for together in groups:
                together = [each._replace(billed=None) for each in together]
                total = sum(count_together(together).values())
                minimum = max(each.terms.minimum for each in together)
                low = high = Fraction()
                for terms in {each.terms for each in together}:
                    worth = sum(
                        each.billable * terms.factor / 100
                        for each in together
                        if each.terms == terms
                    )
                    low += worth if terms.rounding == UP else worth - terms.step
                    high += max(worth + terms.step, terms.step)
                self.assertLessEqual(low, total)
                # The minimum counts once, however many entries and rates there are.
                self.assertLess(total, max(high, minimum) + 1)
                if not any(each.terms.may_be_nothing for each in together):
                    self.assertGreaterEqual(total, max(minimum, 1))

    def test_the_order_of_approval_does_not_matter(self):
        random = Random(2)
        for works in self.make_stories(200):
            expected = self.count(works)
            random.shuffle(works)
            self.assertEqual(self.count(works), expected)

    def test_what_was_billed_stays_and_the_rest_makes_up_the_sum(self):
        for works in self.make_stories(600):
            for together in group(works):
                result = count_together(together)
                for each in together:
                    if each.billed is not None:
                        self.assertEqual(result[each.key], each.billed)
                    else:
                        self.assertGreaterEqual(result[each.key], 0)
                billed = sum(each.billed or 0 for each in together)
                whole = sum(
                    count_together([each._replace(billed=None) for each in together]).values()
                )
                if any(each.billed is None for each in together):
                    self.assertEqual(sum(result.values()), max(whole, billed))
