from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.models.ticket.ticket_stage import DONE_STATES


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """What the demo operator's desk shows of its promises; skipped without the demo data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("telecom_helpdesk.company_operator", raise_if_not_found=False)
        if not cls.company:
            cls.skipTest(cls, "without demo data")
        cls.tickets = cls.env["telecom.ticket"].search([("company_id", "=", cls.company.id)])

    def test_every_ticket_was_promised_something_from_its_creation_on(self):
        self.assertEqual(self.tickets.filtered(lambda ticket: not ticket.sla_policy_id).ids, [])
        for clock in self.tickets.sla_clock_ids.filtered(lambda c: c.metric != "next_response"):
            created = clock.ticket_id.create_date.replace(microsecond=0)
            self.assertEqual(clock.started_at, created)

    def test_desk_shows_every_state(self):
        states = {ticket.sla_state for ticket in self.tickets}
        expected = {"on_track", "warning", "imminent", "breached", "paused", "met", "missed"}
        self.assertLessEqual(expected, states)

    def test_desk_keeps_most_of_its_promises(self):
        clocks = self.tickets.filtered(lambda t: t.state in DONE_STATES).sla_clock_ids
        met = clocks.filtered(lambda clock: clock.state == "met")
        missed = clocks.filtered(lambda clock: clock.state == "missed")
        self.assertGreater(len(met), 4 * len(missed))
        self.assertTrue(missed)

    def test_several_policies_are_at_work(self):
        self.assertGreaterEqual(len(self.tickets.sla_policy_id), 4)

    def test_clocks_are_what_the_logs_say(self):
        self.tickets._advance_sla(self.tickets._due_now())
        self.assertEqual(self.tickets._rebuild_sla(), {})

    def test_no_alert_is_sent_for_the_past(self):
        self.assertTrue(all(self.tickets.sla_term_id.mapped("is_quiet")))

    def test_holidays_of_the_desk(self):
        desk = self.env.ref("telecom_helpdesk.calendar_desk")
        names = self.env["resource.calendar.leaves"].search([("calendar_id", "=", desk.id)])
        self.assertIn("Saint-Étienne", names.mapped("name"))
