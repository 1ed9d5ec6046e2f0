from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon


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
        open_draft = self.draft(self.other_customer)
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

    # One stops nobody else

    def assert_stops_nobody(self, *texts, entries=None, **values):
        """ACME's entry is left, as preview and run say; Globex is previewed and billed."""
        entries = self.entry if entries is None else entries
        wizard = self.wizard(**values)
        [other] = wizard.line_ids.filtered(lambda line: line.partner_id == self.other_customer)
        self.assertEqual((other.amount, other.problem), (80, ""))
        [left] = wizard.line_ids - other
        run = self.env["telecom.billing.run"].browse(wizard.action_bill()["res_id"])
        self.env.invalidate_all()
        for problem in (left.problem, *(run.line_ids.filtered("problem").mapped("problem"))):
            for text in texts:
                self.assertIn(text, problem)
        self.assert_states(entries, "approved")
        self.assert_states(self.other, "invoiced")
        return left

    def test_customer_who_was_given_to_another_company(self):
        other_company = self.env["res.company"].create({"name": "Other Telecom"})
        self.env.cr.execute(
            "UPDATE res_partner SET company_id = %s WHERE id = %s",
            [other_company.id, self.customer.id],
        )
        self.env.invalidate_all()
        with mute_logger("odoo.addons.base.models.ir_rule"):
            left = self.assert_stops_nobody("belongs to another company", *self.name())
        self.assertFalse(left.sudo().partner_id, "nothing of whom the accountant may not see")

    def test_customer_whom_the_accountant_may_not_see(self):
        rule = self.env["ir.rule"].create(
            {
                "name": "Not ACME",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.customer.id})]",
            }
        )
        with mute_logger("odoo.addons.base.models.ir_rule"):
            self.assert_stops_nobody("You have no access to the customer", *self.name())
        rule.unlink()
        # It is a matter of who bills.
        self.bill()
        self.assert_states(self.entry, "invoiced")

    def test_product_that_was_given_to_another_company(self):
        self.rate_out.product_id = self.product_out
        self.entry = self.log_approved(60, hours_period="out") | self.entry
        out, paid = self.entry
        other_company = self.env["res.company"].create({"name": "Other Telecom"})
        self.env.cr.execute(
            "UPDATE product_template SET company_id = %s WHERE id = %s",
            [other_company.id, self.product_out.product_tmpl_id.id],
        )
        self.env.invalidate_all()
        self.assert_left("belongs to another company", *self.name(), entries=out)
        self.assert_states(paid | self.other, "invoiced")

    def test_product_that_is_not_sold_by_time_any_more(self):
        self.entry = self.log_approved(60, hours_period="out") | self.entry
        out, paid = self.entry
        self.product_out.uom_id = self.env.ref("uom.product_uom_unit")
        self.assert_left("is sold by Units, not by time", *self.name(), entries=out)
        self.assert_states(paid | self.other, "invoiced")

    def test_price_below_zero(self):
        self.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "Odd",
                "item_ids": [Command.create({"compute_price": "formula", "price_surcharge": -500})],
            }
        )
        self.assert_left("has no price", *self.name())
        self.assert_states(self.other, "invoiced")

    def test_what_nobody_thought_of(self):
        lines = self.env.registry["account.analytic.line"]
        find_price, customer = lines._get_billing_price, self.customer

        def fail(entry, *args):
            if entry.partner_id == customer:
                raise ZeroDivisionError("division by zero")
            return find_price(entry, *args)

        with (
            patch.object(lines, "_get_billing_price", fail),
            mute_logger("odoo.addons.telecom_helpdesk_timesheet.models.billing.billing_run_line"),
        ):
            left = self.assert_stops_nobody("An unexpected error: division by zero")
        self.assertEqual(left.partner_id, self.customer)
