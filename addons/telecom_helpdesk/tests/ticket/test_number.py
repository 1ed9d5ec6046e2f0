import threading
from contextlib import closing

from psycopg2 import IntegrityError

from odoo import api
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import HelpdeskCase


class TestNumber(HelpdeskCase):
    """Every ticket has a number of its own, by which people call it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_company = cls.env["res.company"].create({"name": "Operator Two"})
        cls.second_team = cls.make_team(
            "Voice Two", cls.env["res.users"], company_id=cls.second_company.id
        )

    def own_sequence(self):
        return self.env["ir.sequence"].create(
            {
                "name": "Tickets of Operator Two",
                "code": "telecom.ticket",
                "prefix": "OP2-",
                "padding": 4,
                "company_id": self.second_company.id,
            }
        )

    def test_numbers_of_a_batch_follow_one_another(self):
        tickets = self.env["telecom.ticket"].create([{"name": "a"}, {"name": "b"}, {"name": "c"}])
        numbers = [int(number.removeprefix("TT")) for number in tickets.mapped("number")]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))

    def test_number_stays_and_is_not_copied(self):
        ticket = self.make_ticket()
        self.assertNotEqual(ticket.copy().number, ticket.number)
        self.assertTrue(ticket._fields["number"].readonly)

    def test_company_with_a_sequence_of_its_own(self):
        common = self.make_ticket(as_user=self.env.user)
        self.own_sequence()
        own = self.make_ticket(as_user=self.env.user, team_id=self.second_team.id)
        self.assertEqual(own.number, "OP2-0001")
        tickets = self.env["telecom.ticket"].create(
            [
                {"name": "of the second", "team_id": self.second_team.id},
                {"name": "of the first", "team_id": self.team_voice.id},
                {"name": "of the second, said by company", "company_id": self.second_company.id},
            ]
        )
        self.assertEqual(
            [number[:4] for number in tickets.mapped("number")], ["OP2-", common.number[:4], "OP2-"]
        )

    def test_company_without_a_sequence_of_its_own_shares_the_common_one(self):
        first = self.make_ticket()
        second = self.make_ticket(as_user=self.env.user, team_id=self.second_team.id)
        self.assertEqual(int(second.number[2:]), int(first.number[2:]) + 1)

    def test_same_number_twice_is_refused(self):
        ticket = self.make_ticket()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_ticket(number=ticket.number)

    def test_missing_sequence_is_said_clearly(self):
        self.env["ir.sequence"].search([("code", "=", "telecom.ticket")]).unlink()
        with self.assertRaisesRegex(ValidationError, "sequence with the code telecom.ticket"):
            self.make_ticket()


@tagged("post_install", "-at_install")
class TestNumbersDrawnAtOnce(HelpdeskCase):
    """Other transactions: not while the addon is being installed, which locks its tables."""

    def test_number_drawn_while_another_transaction_is_open(self):
        """Nobody waits for the other's commit, and nobody gets the other's number."""
        drawn = []

        def draw(count, may_go_on, is_done):
            with closing(self.registry.cursor()) as cr:  # closed without a commit
                tickets = api.Environment(cr, api.SUPERUSER_ID, {})["telecom.ticket"]
                for _draw in range(count):
                    values = {}
                    tickets._fill_numbers([values])
                    drawn.append(values["number"])
                is_done.set()
                may_go_on.wait(20)

        first_done, first_may_end, second_done = (threading.Event() for _event in range(3))
        always = threading.Event()
        always.set()
        threads = [
            threading.Thread(target=draw, args=(20, first_may_end, first_done)),
            threading.Thread(target=draw, args=(20, always, second_done)),
        ]
        threads[0].start()
        self.assertTrue(first_done.wait(20))
        threads[1].start()
        self.assertTrue(second_done.wait(20), "the second waits for the first one's commit")
        first_may_end.set()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(drawn)), 40)

    def test_numbers_drawn_at_once_by_many(self):
        drawn = []

        def draw():
            with closing(self.registry.cursor()) as cr:
                tickets = api.Environment(cr, api.SUPERUSER_ID, {})["telecom.ticket"]
                for _draw in range(25):
                    values = {}
                    tickets._fill_numbers([values])
                    drawn.append(values["number"])

        threads = [threading.Thread(target=draw) for _thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(drawn), 100)
        self.assertEqual(len(set(drawn)), 100)
