from odoo.fields import Command

from .common import HelpdeskCase
from .count_queries import CountsQueries


class TestQueries(CountsQueries, HelpdeskCase):
    """What the screens and the work cost, in queries: the same whatever there is already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["telecom.ticket"].with_user(cls.agent_voice)
        cls.samples = cls.env["telecom.ticket"]
        tags = cls.env["telecom.ticket.tag"].create([{"name": f"Tag {n}"} for n in range(5)])
        categories = cls.env["telecom.ticket.category"].search([], limit=5)
        for number in range(10):
            account = cls.make_partner(f"Company {number}", is_company=True)
            contact = cls.make_partner(f"Contact {number}", parent_id=account.id)
            agent = cls.make_user(f"agent_{number}", "telecom_helpdesk.group_agent")
            contract = cls.make_contract(account)
            service = cls.make_service(
                f"SIP-Q{number}", cls.type_voice, account, contract_id=contract.id
            )
            cls.samples += cls.make_ticket(
                partner_id=contact.id,
                service_id=service.id,
                user_id=agent.id,
                category_id=categories[number % 5].id,
                priority="1",
                tag_ids=[Command.set((tags[number % 5] + tags[(number + 1) % 5]).ids)],
            )
        cls.env.cr.flush()

    @classmethod
    def make_it_500(cls):
        copies = cls.copy_ticket(cls.samples, 49)
        cls.env.cr.execute(
            """INSERT INTO telecom_ticket_telecom_ticket_tag_rel
               SELECT ticket.id, tag.id FROM telecom_ticket ticket, telecom_ticket_tag tag
               WHERE ticket.id IN %s AND ticket.id %% 5 = tag.id %% 5""",
            [tuple(copies.ids)],
        )
        cls.env.cr.execute("ANALYZE telecom_ticket")

    def assert_same_at_500(self, work, action, *args, **kwargs):
        """As many queries at 500 tickets as at 10, within the budget of ``work``."""
        few = self.count(action, *args, **kwargs)
        self.make_it_500()
        self.assertEqual(self.count(action, *args, **kwargs), few)
        self.assertWithinBudget(work, few)

    def test_list_page(self):
        def page(size):
            self.tickets.web_search_read(
                [("is_done", "=", False)], self.specify("list"), limit=size
            )

        few = self.count(page, len(self.samples))
        self.make_it_500()
        self.assertEqual(self.count(page, 80), few)
        self.assertWithinBudget("list", few)

    def test_board(self):
        self.assert_same_at_500(
            "board", self.tickets.with_context(read_group_expand=True).web_read_group,
            [("is_done", "=", False)], ["stage_id"], auto_unfold=True, opening_info=None,
            unfold_read_specification=self.specify("kanban"), unfold_read_default_limit=40,
        )  # fmt: skip

    def test_form(self):
        ticket = self.samples[0].with_user(self.agent_voice)
        self.assert_same_at_500("form", ticket.web_read, self.specify("form"))

    def test_partner_counters(self):
        partners = self.env["res.partner"].browse(self.samples.partner_id.ids)
        names = ["telecom_ticket_count", "telecom_open_ticket_count", "telecom_service_count"]
        self.assert_same_at_500(
            "counters of a customer", partners.with_user(self.agent_voice).read, names
        )

    def test_dashboard(self):
        """One count for each tile, one search for each reason until the list is full."""
        self.samples[:3].write({"user_id": self.agent_voice.id})
        teams = self.env["telecom.ticket.team"].with_user(self.agent_voice)
        few = self.count(teams.get_dashboard)
        self.assertWithinBudget("dashboard", few)
        self.make_it_500()
        self.assertLessEqual(self.count(teams.get_dashboard), few)

    def test_create(self):
        values = [
            {
                "name": "Dropped calls",
                "partner_id": ticket.partner_id.id,
                "service_id": ticket.service_id.id,
                "team_id": self.team_voice.id,
            }
            for ticket in self.samples
        ]
        one = self.count(self.tickets.create, values[:1])
        self.make_it_500()
        self.assertEqual(self.count(self.tickets.create, values[:1]), one)
        self.assertEqual(self.count(self.tickets.create, values * 5), one, "a batch of 50")
        self.assertWithinBudget("create", one)

    def test_stage_write(self):
        stages = [self.stage("open").id, self.stage("new").id]

        def move(tickets):
            stages.reverse()
            tickets.with_user(self.agent_voice).write({"stage_id": stages[0]})

        self.count(move, self.samples)
        few = self.count(move, self.samples[0])
        self.make_it_500()
        self.assertEqual(self.count(move, self.samples[0]), few)
        self.assertWithinBudget("change of stage", few)
        # Odoo writes one message and its changes for each ticket, the rest is done at once.
        ten = self.count(move, self.samples)
        self.assertLessEqual(ten, few + 2 * 9)

    def test_resolve_many(self):
        def resolve(tickets):
            tickets.action_resolve()
            tickets.action_reopen()

        tickets = self.samples.with_user(self.agent_voice)
        one = self.count(resolve, tickets[0])
        two = self.count(resolve, tickets[:2])  # within a savepoint
        self.assertLessEqual(two, one + 3)
        self.assertEqual(self.count(resolve, tickets), two)
        # One of them reads the tier that the customer has by now, one asks whether the team of what
        # is reopened still works, one plans the closing and one forgets it.
        self.assertWithinBudget("resolve and reopen", one)

    def test_answers(self):
        ticket = self.samples[0]
        self.count(self.agent_replies, ticket)  # the first answer is noted on the ticket
        reply, note = self.count(self.agent_replies, ticket), self.count(self.agent_notes, ticket)
        self.make_it_500()
        self.assertEqual(self.count(self.agent_replies, ticket), reply)
        self.assertEqual(self.count(self.agent_notes, ticket), note)
        self.assertWithinBudget("reply", reply)
        self.assertWithinBudget("note", note)
