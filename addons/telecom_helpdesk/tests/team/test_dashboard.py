from datetime import timedelta

from lxml import etree

from odoo.fields import Command, Datetime, Domain
from odoo.tools.safe_eval import safe_eval

from ..common import HelpdeskCase, frozen


class TestDashboard(HelpdeskCase):
    """The agent's home: each number is that of its list, and what needs them is on top."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The day that the lists go by is never over before that of the tickets.
        cls.enterClassContext(frozen("2026-03-04 10:00:00"))
        cls.now = Datetime.now()

    def dashboard(self, user=None):
        return self.env["telecom.ticket.team"].with_user(user or self.agent_voice).get_dashboard()

    def needed(self, user=None):
        """``(ticket, reason)`` of what the dashboard names, in its order."""
        tickets = self.env["telecom.ticket"]
        return [
            (tickets.browse(line["id"]), line["reason"]) for line in self.dashboard(user)["tickets"]
        ]

    def list_behind(self, user, team_id, tile):
        """Tickets that the user sees after a click on the number."""
        teams = self.env["telecom.ticket.team"].with_user(user)
        action = teams.action_open_tile(team_id, tile)
        self.assertEqual(action["views"][0][1], "list")
        arch = etree.fromstring(teams.env["telecom.ticket"].get_view(view_type="search")["arch"])
        groups, current = [], []
        for node in arch.xpath("/search/*"):
            if node.tag == "separator":
                groups.append(current)
                current = []
            elif f"search_default_{node.get('name')}" in action["context"]:
                current.append(Domain(safe_eval(node.get("domain"), {"uid": user.id})))
        groups.append(current)
        # As the search box does it: the filters between two lines are alternatives.
        domain = Domain.AND(Domain.OR(group) for group in groups if group)
        return teams.env["telecom.ticket"].search(domain & Domain(action["domain"]))

    def make_all_kinds(self):
        me = self.agent_voice.id
        late = self.now - timedelta(hours=1)
        for values in (
            {},
            {"user_id": me},
            {"user_id": me, "is_escalated": True},
            {"user_id": self.manager.id, "collaborator_ids": [Command.link(me)]},
            {"date_deadline": late},
            {"date_deadline": late, "stage_id": self.stage("waiting_customer").id},
            {"date_deadline": late, "stage_id": self.stage("cancelled").id},
            {"stage_id": self.stage("waiting_third_party").id, "is_escalated": True},
            {"team_id": False},
            {"team_id": self.team_internet.id},
        ):
            self.make_ticket(**values)
        self.make_ticket().action_resolve()
        self.make_ticket(user_id=me).action_close()
        old = self.make_ticket()
        old.action_resolve()
        old.resolved_at = self.now - timedelta(days=2)

    def test_each_number_is_that_of_the_list_behind_it(self):
        self.make_all_kinds()
        for user in (self.agent_voice, self.manager):
            dashboard = self.dashboard(user)
            for team in dashboard["teams"]:
                for tile in dashboard["tiles"]:
                    with self.subTest(user=user.login, team=team["name"], tile=tile["name"]):
                        tickets = self.list_behind(user, team["id"], tile["name"])
                        self.assertEqual(team["counts"][tile["name"]], len(tickets))

    def test_numbers_of_a_team(self):
        self.make_all_kinds()
        teams = {team["id"]: team["counts"] for team in self.dashboard()["teams"]}
        self.assertEqual(set(teams), {self.team_voice.id, False}, "own team, and no team")
        expected = {"open": 7, "unassigned": 4, "mine": 3, "escalated": 2, "late": 2,
                    "waiting": 2, "resolved_today": 2}  # fmt: skip
        counts = teams[self.team_voice.id]  # addons on top have more
        self.assertEqual({name: counts[name] for name in expected}, expected)
        self.assertEqual(teams[False]["unassigned"], 1)

    def test_manager_sees_all_teams_of_the_company_own_ones_first(self):
        self.team_internet.sequence = 1
        ids = [team["id"] for team in self.dashboard(self.manager)["teams"]]
        self.assertEqual(ids[0], self.team_voice.id)
        self.assertIn(self.team_internet.id, ids)

    def test_what_needs_me_is_named_in_the_order_of_urgency(self):
        me = self.agent_voice.id
        opened = {"stage_id": self.stage("open").id, "user_id": me}
        high = self.make_ticket(**opened, priority="2")
        self.agent_replies(high)
        answered = self.make_ticket(**opened, priority="1")
        self.agent_replies(answered)
        unanswered = self.make_ticket(**opened, priority="1")
        critical = self.make_ticket(priority="3")
        escalated = self.make_ticket(**opened, is_escalated=True)
        promised = self.make_ticket(**opened, date_deadline=self.now - timedelta(hours=1))
        self.make_ticket(user_id=self.manager.id, priority="3")
        self.assertEqual(
            self.needed(),
            [
                (promised, "Promised date overdue"),
                (escalated, "Escalated to you"),
                (critical, "Critical, unassigned"),
                (unanswered, "Waits for your answer"),
                (high, "High priority"),
            ],
        )
        self.assertEqual(self.needed(self.agent_internet), [])

    def test_list_of_what_needs_me_stays_short(self):
        for _number in range(10):
            self.make_ticket(user_id=self.agent_voice.id)
        self.assertEqual(len(self.needed()), 8)

    def test_take_the_next_ticket(self):
        normal = self.make_ticket(priority="1")
        urgent = self.make_ticket(priority="3")
        self.make_ticket(priority="3", team_id=self.team_internet.id)
        teams = self.env["telecom.ticket.team"].with_user(self.agent_voice)
        for ticket in (urgent, normal):
            self.assertEqual(teams.action_take_next()["res_id"], ticket.id)
            self.assertEqual(ticket.user_id, self.agent_voice)
        self.assertFalse(teams.action_take_next())

    def test_next_ticket_is_one_of_the_own_level(self):
        above = self.make_ticket(priority="3", support_level="2")
        teams = self.env["telecom.ticket.team"].with_user(self.agent_voice)
        self.assertFalse(teams.action_take_next())
        self.env["telecom.agent"]._ensure_rows(self.agent_voice).support_level = "2"
        self.assertEqual(teams.action_take_next()["res_id"], above.id)
