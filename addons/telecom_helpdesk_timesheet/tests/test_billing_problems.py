from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from .billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestBillingProblems(BillingCommon, TransactionCase):
    """What cannot be billed is named, and the rest goes on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entry = cls.log_approved(60)
        cls.other = cls.log_approved(60, ticket=cls.other_ticket)

    def assert_left(self, *texts, entries=None, **values):
        """The preview and the run say ``texts`` of ACME's entry; Globex is billed."""
        entries = self.entry if entries is None else entries
        preview = self.wizard(**values).line_ids
        run = self.bill(**values)
        for lines in (preview, run.line_ids):
            line = lines.filtered(lambda line: line.partner_id == entries.partner_id)
            for text in texts:
                self.assertIn(text, line.problem)
        self.assert_states(entries, "approved")
        return run

    def name(self):
        """What names ACME's entry in a message."""
        return self.ticket.number, "03/02/2026", "Vera Voice"

    def test_customer_without_an_address(self):
        self.customer.write({"street": False, "city": False, "country_id": False})
        self.assert_left("has no invoicing address", *self.name())
        self.assert_states(self.other, "invoiced")

    def test_customer_with_a_contact_for_invoices(self):
        self.customer.write({"street": False, "city": False, "country_id": False})
        self.make_partner("Bills", parent_id=self.customer.id, type="invoice", city="Ghent")
        self.bill()
        self.assert_states(self.entry, "invoiced")

    def test_customer_that_is_archived(self):
        self.customer.with_context(active_test=False).child_ids.user_ids.active = False
        self.customer.child_ids.active = False
        self.customer.active = False
        self.assert_left("The customer is archived", *self.name())
        self.assert_states(self.other, "invoiced")

    def test_product_that_is_archived(self):
        self.entry |= self.log_approved(60, hours_period="out")
        paid, archived = self.entry
        self.product_out.action_archive()
        self.assert_left("Support out of hours", "is archived", *self.name(), entries=archived)
        self.assert_states(paid | self.other, "invoiced")

    def test_product_without_a_price(self):
        self.product_working.list_price = 0
        out = self.log_approved(60, hours_period="out")
        self.assert_left("has no price", *self.name())
        self.assert_states(out, "invoiced")

    def test_rate_that_does_not_say_what_it_is_billed_as(self):
        self.rate_working.write({"is_free": True, "product_id": False})
        self.assert_left("no rate says what it is billed as", *self.name())

    def test_what_the_contract_covers_needs_no_address_nor_price(self):
        self.customer.write({"street": False, "city": False, "country_id": False})
        with frozen("2026-03-10 09:00:00"):
            self.include_hours(5)
            covered = self.log_approved(60)
            self.product_working.list_price = 0
            self.env.flush_all()
            self.contract._allot_included()
            run = self.bill(partners=self.customer)
        self.assertFalse(run.line_ids.problem)
        self.assert_states(self.entry | covered, "included")

    def test_invoice_date_in_a_closed_period(self):
        self.company.sale_lock_date = "2026-03-31"
        open_draft = self.draft(self.other_customer, invoice_date="2026-04-02")
        self.assert_left(
            "The period of 03/31/2026 is closed",
            "until 03/31/2026",
            *self.name(),
            invoice_date="2026-03-31",
        )
        self.assertEqual(self.other.invoice_id, open_draft)
        self.bill(invoice_date="2026-04-01")
        self.assert_states(self.entry, "invoiced")

    def test_every_lock_date_counts(self):
        for name in ("fiscalyear_lock_date", "tax_lock_date", "hard_lock_date"):
            with self.subTest(name):
                self.company[name] = "2026-03-31"
                run = self.bill(partners=self.customer, invoice_date="2026-03-15")
                self.assertIn("is closed", run.line_ids.problem)
                if name != "hard_lock_date":
                    self.company[name] = False

    def test_draft_in_a_closed_period_is_not_used(self):
        self.company.sale_lock_date = "2026-03-31"
        closed = self.draft(invoice_date="2026-03-15")
        move = (
            self.bill(invoice_date="2026-04-01")
            .line_ids.filtered(lambda line: line.partner_id == self.customer)
            .move_id
        )
        self.assertNotEqual(move, closed)
        self.assertEqual(closed.amount_untaxed, 100)

    def test_no_sales_journal(self):
        self.env["account.journal"].search([("type", "=", "sale")]).action_archive()
        run = self.bill()
        self.assertFalse(run.line_ids.move_id)
        for line in run.line_ids:
            self.assertIn("has no sales journal", line.problem)

    def test_currency_without_a_rate(self):
        self.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        francs = self.env.ref("base.CHF")
        francs.active = True
        francs.rate_ids.unlink()
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "Francs",
                "currency_id": francs.id,
                "item_ids": [Command.create({"compute_price": "fixed", "fixed_price": 99})],
            }
        )
        self.assert_left("There is no exchange rate of CHF", *self.name())
        self.assert_states(self.other, "invoiced")

    def test_many_entries_are_named_in_part(self):
        for _each in range(6):
            self.entry |= self.log_approved(60)
        self.customer.write({"street": False, "city": False, "country_id": False})
        self.assert_left("and 2 more")
