from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """What the demo operator's desk shows of its time; skipped without the demo data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("telecom_helpdesk.company_operator", raise_if_not_found=False)
        if not cls.company:
            cls.skipTest(cls, "without demo data")
        cls.entries = cls.env["account.analytic.line"].search(
            [("company_id", "=", cls.company.id), ("ticket_id", "!=", False)]
        )

    def test_time_of_every_kind_is_there(self):
        states = set(self.entries.mapped("billing_state"))
        self.assertLessEqual({"to_approve", "approved", "rejected", "invoiced"}, states)
        self.assertEqual(set(self.entries.mapped("hours_period")), {"working", "out"})

    def test_what_was_billed_is_on_invoices(self):
        billed = self.entries.filtered(lambda entry: entry.billing_state == "invoiced")
        self.assertTrue(billed)
        for entry in billed:
            with self.subTest(entry.display_name):
                invoice = entry.invoice_line_id.move_id
                self.assertEqual(
                    invoice.commercial_partner_id, entry.ticket_id.commercial_partner_id
                )

    def test_contracts_include_hours_and_some_are_used(self):
        periods = self.env["telecom.contract.period"].search(
            [("contract_id.company_id", "=", self.company.id)]
        )
        self.assertGreaterEqual(len(periods.contract_id), 5)
        self.assertTrue(any(period.used_hours for period in periods))
        for period in periods:
            self.assertGreaterEqual(period.left_hours, 0)

    def test_what_was_approved_is_billed_included_or_left(self):
        for entry in self.entries.filtered("approved_at"):
            self.assertGreaterEqual(entry.billed_hours, entry.included_hours)

    def test_hours_were_agreed_and_exceeded(self):
        budgets = self.env["telecom.time.budget"].search([("company_id", "=", self.company.id)])
        self.assertEqual(len(budgets), 3)
        self.assertEqual(len(budgets.partner_id), 1)
        self.assertIn("over", budgets.mapped("level"))

    def test_a_customer_bought_two_packs_and_used_some_of_one(self):
        packs = self.env["telecom.hour.pack"].search([("company_id", "=", self.company.id)])
        older, newer = packs.sorted("date_start")
        self.assertEqual(older.partner_id, newer.partner_id)
        self.assertGreater(older.used_hours, 0)
        self.assertEqual(newer.state, "active")
