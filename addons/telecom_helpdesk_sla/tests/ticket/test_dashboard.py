from lxml import etree

from odoo.tools.safe_eval import safe_eval

from odoo.addons.telecom_helpdesk.tests.team import test_dashboard

from ..common import SlaCase, frozen

NOW = "2026-03-04 10:00:00"  # Wednesday, 11:00 in Paris


class TestDashboard(SlaCase):
    """What is late comes first, and each number is that of its list."""

    dashboard = test_dashboard.TestDashboard.dashboard
    needed = test_dashboard.TestDashboard.needed
    list_behind = test_dashboard.TestDashboard.list_behind

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        me = cls.agent_voice.id
        # An office week: 11:00 on Wednesday is 8 h after 10:30 on Tuesday, and so on.
        cls.tickets = {
            name: cls.make_promised(at, **values)
            for name, at, values in (
                ("late", "2026-03-02 13:00:00", {"user_id": me}),
                ("later", "2026-03-03 08:00:00", {"user_id": me}),
                ("imminent", "2026-03-03 09:40:00", {"user_id": me}),
                ("warning", "2026-03-03 11:30:00", {"user_id": me}),
                ("free late", "2026-03-02 12:00:00", {}),
                ("free warning", "2026-03-03 11:00:00", {}),
                ("on track", "2026-03-04 09:00:00", {"user_id": me}),
                ("others", "2026-03-02 08:00:00", {"user_id": cls.manager.id}),
                ("elsewhere", "2026-03-02 08:30:00", {"team_id": cls.team_internet.id}),
                ("paused", "2026-03-02 08:00:00", {"user_id": me}),
                ("resolved late", "2026-03-02 08:00:00", {"user_id": me}),
            )
        }
        with frozen("2026-03-02 08:30:00"):
            cls.set_state(cls.tickets["paused"], "waiting_customer")
        with frozen(NOW):
            cls.set_state(cls.tickets["resolved late"], "resolved")
            cls.env["telecom.ticket"].browse(
                ticket.id for ticket in cls.tickets.values()
            )._advance_sla(cls.tickets["late"]._due_now())

    @classmethod
    def make_promised(cls, at, **values):
        with frozen(at):
            ticket = cls.make_ticket(priority="0", **values)
            cls.promise(ticket, resolution=8, calendar=cls.paris)
        return ticket

    def named(self, user=None):
        names = {ticket: name for name, ticket in self.tickets.items()}
        with frozen(NOW):
            return [
                (names[ticket], reason)
                for ticket, reason in self.needed(user)
                if reason.startswith("SLA")
            ]

    def test_states(self):
        states = {name: ticket.sla_state for name, ticket in self.tickets.items()}
        self.assertEqual(
            states,
            {
                "late": "breached",
                "later": "breached",
                "imminent": "imminent",
                "warning": "warning",
                "free late": "breached",
                "free warning": "warning",
                "on track": "on_track",
                "others": "breached",
                "elsewhere": "breached",
                "paused": "paused",
                "resolved late": "missed",
            },
        )

    def test_breached_first_then_at_risk_the_nearest_deadline_first(self):
        self.assertEqual(
            self.named(),
            [
                ("late", "SLA breached"),
                ("later", "SLA breached"),
                ("free late", "SLA breached, unassigned"),
                ("imminent", "SLA at risk"),
                ("warning", "SLA at risk"),
                ("free warning", "SLA at risk, unassigned"),
            ],
        )

    def test_managers_see_what_is_late_and_nobody_is_on(self):
        self.assertEqual(
            self.named(self.manager),
            [
                ("others", "SLA breached"),
                ("elsewhere", "SLA breached, unassigned"),
                ("free late", "SLA breached, unassigned"),
                ("free warning", "SLA at risk, unassigned"),
            ],
        )
        self.assertEqual(
            self.named(self.agent_internet), [("elsewhere", "SLA breached, unassigned")]
        )

    def test_lines_count_down(self):
        with frozen(NOW):
            [line] = [
                line
                for line in self.dashboard()["tickets"]
                if line["id"] == self.tickets["warning"].id
            ]
        [clock] = line["sla_countdown"]["clocks"]
        self.assertEqual(clock["target"] - clock["used"], 90 * 60)

    def test_each_number_is_that_of_the_list_behind_it(self):
        counted = {}
        with frozen(NOW):
            for user in (self.agent_voice, self.agent_internet, self.manager):
                for team in self.dashboard(user)["teams"]:
                    for tile in ("sla_breached", "sla_at_risk"):
                        with self.subTest(user=user.login, team=team["name"], tile=tile):
                            found = self.list_behind(user, team["id"], tile)
                            self.assertEqual(team["counts"][tile], len(found))
                            counted[user.login, team["name"], tile] = len(found)
        self.assertEqual(counted["agent_voice", "Voice", "sla_breached"], 4)
        self.assertEqual(counted["agent_voice", "Voice", "sla_at_risk"], 3)
        self.assertEqual(counted["manager", "Internet", "sla_breached"], 1)

    def test_lists_of_what_is_late_begin_with_the_nearest_deadline(self):
        teams = self.env["telecom.ticket.team"].with_user(self.agent_voice)
        for tile, is_by_deadline in (
            ("sla_breached", True),
            ("sla_at_risk", True),
            ("open", False),
        ):
            view_id, _mode = teams.action_open_tile(self.team_voice.id, tile)["views"][0]
            arch = teams.env["telecom.ticket"].get_view(view_id, "list")["arch"]
            self.assertEqual('default_order="sla_deadline, id"' in arch, is_by_deadline, tile)

    def test_filters(self):
        names = {ticket: name for name, ticket in self.tickets.items()}
        found = {}
        with frozen(NOW):
            tickets = self.env["telecom.ticket"].with_user(self.agent_voice)
            arch = tickets.get_view(view_type="search")["arch"]
            for filter_ in ("sla_at_risk", "sla_breached", "sla_paused", "sla_due_today"):
                [node] = etree.fromstring(arch).xpath(f"//filter[@name='{filter_}']")
                domain = safe_eval(node.get("domain"))
                found[filter_] = sorted(names[ticket] for ticket in tickets.search(domain))
        self.assertEqual(found["sla_at_risk"], ["free warning", "imminent", "warning"])
        self.assertEqual(found["sla_breached"], ["free late", "late", "later", "others"])
        self.assertEqual(found["sla_paused"], ["paused"])
        self.assertEqual(found["sla_due_today"], ["free warning", "imminent", "later", "warning"])
