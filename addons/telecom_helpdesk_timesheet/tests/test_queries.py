from odoo.tests import TransactionCase

from odoo.addons.telecom_helpdesk.tests.count_queries import CountsQueries

from .common import TimeCommon


class TestQueries(CountsQueries, TimeCommon, TransactionCase):
    """What time adds to the core's screens and work, in queries, while no timer runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tickets = cls.env["telecom.ticket"].with_user(cls.agent_voice)
        cls.shown = cls.ticket.with_user(cls.agent_voice)

    def test_screens(self):
        for view_type in ("form", "list", "kanban"):
            with self.subTest(view_type):
                self.assertAddsNoMoreThanDeclared(
                    "telecom_helpdesk_timesheet", view_type, self.shown
                )

    def test_resolve_and_reopen(self):
        def resolve():
            self.shown.action_resolve()
            self.shown.action_reopen()

        self.assertWithinBudget("resolve and reopen", self.count(resolve))
