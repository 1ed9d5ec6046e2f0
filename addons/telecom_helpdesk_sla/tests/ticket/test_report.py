from odoo.exceptions import AccessError

from ..common import SlaCase, frozen


class TestReport(SlaCase):
    """Figures of the report beside those that are counted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gold = cls.make_policy(
            "Gold", dict.fromkeys("0123", (0, 0, 4)), calendar_id=cls.paris.id, sequence=1,
            team_ids=cls.team_voice.ids,
        )  # fmt: skip
        cls.silver = cls.make_policy("Silver", dict.fromkeys("0123", (1, 0, 8)), sequence=2)
        cls.company.resource_calendar_id.tz = "Europe/Paris"

        # Gold, Monday 9:00 in Paris: 13:30 to 14:30 after lunch is the fourth hour.
        cls.met = cls.resolved("2026-03-02 08:00:00", "2026-03-02 10:00:00")  # after 2 h
        cls.missed = cls.resolved("2026-03-02 08:00:00", "2026-03-02 14:30:00")  # after 5 h
        cls.waived = cls.resolved("2026-03-02 08:00:00", "2026-03-03 08:00:00")  # after 7 h 30
        with frozen("2026-03-03 09:00:00"):
            clock = cls.clock(cls.waived).with_user(cls.manager)
            clock._waive("The customer was away.")
        cls.void = cls.resolved("2026-03-02 08:00:00", "2026-03-02 09:00:00", state="cancelled")
        cls.open = cls.resolved("2026-04-01 08:00:00", None)
        # Silver, around the clock: the response is missed and still to come, the rest is met.
        cls.unanswered = cls.resolved(
            "2026-03-31 21:59:59", "2026-04-01 00:00:00", team_id=cls.team_internet.id
        )
        cls.tickets = cls.met + cls.missed + cls.waived + cls.void + cls.open + cls.unanswered
        cls.env.flush_all()

    @classmethod
    def resolved(cls, at, until, state="resolved", **values):
        with frozen(at):
            ticket = cls.make_ticket(user_id=cls.agent_voice.id, **values)
        if until:
            with frozen(until):
                cls.set_state(ticket, state, user=cls.manager)
        return ticket

    def figures(self, groupby, user=None, domain=()):
        aggregates = [
            "__count", "met:sum", "missed:sum", "waived:sum", "void:sum", "met_percent:avg",
            "overrun_hours:avg", "used_hours:avg",
        ]  # fmt: skip
        report = self.env["telecom.sla.report"].with_user(user or self.manager)
        domain = [("ticket_id", "in", self.tickets.ids), *domain]
        return {
            group: tuple(figures)
            for group, *figures in report._read_group(domain, [groupby], aggregates)
        }

    def test_by_policy(self):
        self.assertEqual(
            self.figures("policy_id"),
            {
                # Met after 2 h; missed by one of 5 h; 7 h 30 min were waived.
                self.gold: (5, 1, 1, 1, 1, 50, 1, (2 + 5 + 7.5) / 3),
                # Resolved after 2 h and a second.
                self.silver: (2, 1, 1, 0, 0, 50, False, 7201 / 3600),
            },
        )

    def test_by_outcome(self):
        counts = {outcome: figures[0] for outcome, figures in self.figures("outcome").items()}
        self.assertEqual(counts, {"met": 2, "missed": 2, "waived": 1, "void": 1, "open": 1})

    def test_by_what_is_known_of_the_ticket(self):
        voice, internet = (5, 1, 1, 1, 1), (2, 1, 1, 0, 0)
        for groupby, expected in (
            ("team_id", {self.team_voice: voice, self.team_internet: internet}),
            ("user_id", {self.agent_voice: (7, 2, 2, 1, 1)}),
            ("commercial_partner_id", {self.customer: (7, 2, 2, 1, 1)}),
            ("metric", {"first_response": (1, 0, 1, 0, 0), "resolution": (6, 2, 1, 1, 1)}),
        ):
            with self.subTest(groupby):
                found = {group: figures[:5] for group, figures in self.figures(groupby).items()}
                self.assertEqual(found, expected)

    def test_months_are_those_of_the_readers_zone(self):
        # 23:59:59 in Paris, still March.
        report = (
            self.env["telecom.sla.report"].with_user(self.manager).with_context(tz="Europe/Paris")
        )
        domain = [("ticket_id", "in", self.tickets.ids)]
        with frozen("2026-04-15 12:00:00"):
            for months, expected in (
                ([("started_at", ">=", "=1d"), ("started_at", "<", "=1d +1m")], self.open),
                (
                    [("started_at", ">=", "=1d -1m"), ("started_at", "<", "=1d")],
                    self.tickets - self.open,
                ),
            ):
                found = report.search(domain + months).ticket_id.with_env(self.env)
                self.assertEqual(found, expected & found)
                self.assertEqual(found | expected, found)

    def test_a_row_leads_to_its_ticket(self):
        report = self.env["telecom.sla.report"].with_user(self.manager)
        row = report.search([("ticket_id", "=", self.missed.id)])
        action = row.action_open_ticket()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("telecom.ticket", self.missed.id)
        )

    def test_managers_of_the_company_alone_read_it(self):
        for user in (self.agent_voice, self.internal_user, self.portal_user, self.public_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["telecom.sla.report"].with_user(user).search([])
        company = self.env["res.company"].create({"name": "Belgium"})
        other = self.make_user(
            "manager_be",
            "telecom_helpdesk.group_manager",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(self.figures("policy_id", user=other))
        self.assertTrue(self.figures("policy_id", user=self.manager))

    def test_menu_is_shown_to_managers(self):
        menu = self.env.ref("telecom_helpdesk_sla.telecom_sla_report_menu")
        for user, is_shown in ((self.manager, True), (self.agent_voice, False)):
            menus = self.env["ir.ui.menu"].with_user(user)
            self.assertEqual(menu.id in menus._visible_menu_ids(), is_shown, user.login)
