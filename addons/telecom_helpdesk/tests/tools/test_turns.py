from odoo.tests import BaseCase

from ...tools.turns import after_turn, pick


class TestTurns(BaseCase):
    def test_whose_turn(self):
        table = [
            # candidates, turns, loads, who
            ([7], [], None, 7),
            ([7, 5], [], None, 5),
            ([5, 7], [5], None, 7),
            ([5, 7], [7, 5], None, 7),
            ([5, 7], [9, 7, 5], None, 7),
            ([5, 7, 9], [9, 7, 5], None, 9),
            ([5, 7], [5, 7], {5: 3, 7: 2}, 7),
            ([5, 7], [5, 7], {5: 2, 7: 2}, 5),
            ([5, 7], [7, 5], {5: 0}, 7),
            ([5, 7], [5], {5: 0, 7: 1}, 5),
        ]
        for candidates, turns, loads, expected in table:
            with self.subTest(candidates=candidates, turns=turns, loads=loads):
                self.assertEqual(pick(candidates, turns, loads), expected)

    def test_after_a_turn_one_is_last(self):
        self.assertEqual(after_turn([], 5), [5])
        self.assertEqual(after_turn([5, 7, 9], 7), [5, 9, 7])

    def test_turns_go_round(self):
        turns, got = [], []
        for _ticket in range(6):
            got.append(pick([3, 1, 2], turns))
            turns = after_turn(turns, got[-1])
        self.assertEqual(got, [1, 2, 3, 1, 2, 3])
