from odoo.addons.telecom_helpdesk.tests.count_queries import CountsQueries

from .common import SlaCase


class TestScreenQueries(CountsQueries, SlaCase):
    """What the countdown adds to the screens, in queries: the same for any number of tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["telecom.ticket"].with_user(cls.agent_voice)
        calendars = (cls.paris, cls.berlin)
        for number, calendar in enumerate(calendars):
            team = cls.team_voice if number else cls.make_team("Berlin", cls.agent_voice)
            cls.make_policy(calendar.name, calendar_id=calendar.id, team_ids=team.ids)
            for _ticket in range(5):
                cls.make_ticket(team_id=team.id, user_id=cls.agent_voice.id)
        cls.samples = cls.env["telecom.ticket"].search(
            [("sla_policy_id", "!=", False), ("user_id", "=", cls.agent_voice.id)]
        )
        cls.env.cr.flush()

    @classmethod
    def make_it_500(cls):
        copies = cls.copy_ticket(cls.samples, 49)
        cls.env.cr.execute(
            "UPDATE telecom_ticket SET sla_term_id = NULL, sla_state = 'none' WHERE id IN %s",
            [tuple(copies.ids)],
        )
        cls.env.invalidate_all()
        copies._agree_sla_terms(quiet=True)
        cls.env.flush_all()
        cls.env.cr.execute("ANALYZE telecom_ticket, telecom_sla_clock, telecom_sla_term")
        return copies

    def specify(self, view_type, without=None):
        """What the web client asks for, and what the countdown depends on."""
        specification = super().specify(view_type, without)
        return specification if without else {**specification, "sla_countdown": {}}

    def test_sample_is_one(self):
        copies = self.make_it_500()
        self.assertEqual(len(self.samples), 10)
        self.assertEqual(set(copies.mapped("sla_state")), {"on_track"})
        self.assertEqual(len(copies.sla_clock_ids), 2 * 490)

    def test_list_page(self):
        def page(specification, size):
            self.tickets.web_search_read([("is_done", "=", False)], specification, limit=size)

        with_it = self.specify("list")
        without = self.specify("list", without="telecom_helpdesk_sla")
        few = self.count(page, with_it, 10)
        # Clocks and their terms; names of policies.
        self.assertLessEqual(few, self.count(page, without, 10) + 3)
        self.make_it_500()
        self.assertEqual(self.count(page, with_it, 80), few)
        self.assertWithinBudget("list", few, more=3)

    def test_board(self):
        def board():
            self.tickets.with_context(read_group_expand=True).web_read_group(
                [("is_done", "=", False)],
                ["stage_id"],
                auto_unfold=True,
                opening_info=None,
                unfold_read_specification=self.specify("kanban"),
                unfold_read_default_limit=40,
            )

        few = self.count(board)
        self.make_it_500()
        self.assertLessEqual(self.count(board), few)
        self.assertWithinBudget("board", few, more=3)

    def test_form(self):
        ticket = self.samples[0].with_user(self.agent_voice)
        few = self.count(ticket.web_read, self.specify("form"))
        self.make_it_500()
        self.assertEqual(self.count(ticket.web_read, self.specify("form")), few)
        self.assertWithinBudget("form", few, more=4)
        self.assertAddsNoMoreThanDeclared("telecom_helpdesk_sla", "form", ticket, more=9)

    def test_dashboard(self):
        teams = self.env["telecom.ticket.team"].with_user(self.agent_voice)
        few = self.count(teams.get_dashboard)
        self.make_it_500()
        self.assertLessEqual(self.count(teams.get_dashboard), few)
        self.assertWithinBudget("dashboard", few)
