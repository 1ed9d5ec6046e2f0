from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestInvoiceLifecycle(BillingCommon, TransactionCase):
    """Time is free again when its line or invoice goes, and never billed twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entry = cls.log_approved(60)
        cls.other_rate = cls.log_approved(60, hours_period="out")
        cls.entries = cls.entry | cls.other_rate
        cls.own = cls.draft()
        cls.move = cls.bill().line_ids.move_id.with_user(cls.accountant)

    def assert_free(self, entries):
        self.assert_states(entries, "approved")
        self.assertFalse(entries.invoice_line_id)
        self.assertEqual(entries.mapped("billed_hours"), [1] * len(entries))

    def test_line_deleted_on_the_form(self):
        with Form(self.move) as form:
            position = self.move.invoice_line_ids.ids.index(self.entry.invoice_line_id.id)
            form.invoice_line_ids.remove(position)
        self.assert_free(self.entry)
        self.assert_states(self.other_rate, "invoiced")
        self.assertEqual(self.move.amount_untaxed, 220)
        self.bill()
        self.assertEqual(self.move.amount_untaxed, 300)

    def test_several_lines_deleted_at_once(self):
        self.support_lines(self.move).unlink()
        self.assert_free(self.entries)
        self.assertEqual(self.move.amount_untaxed, 100)

    def test_several_drafts_deleted_at_once(self):
        self.log_approved(60, ticket=self.other_ticket)
        other = self.bill().line_ids.move_id
        (self.move | other.with_user(self.accountant)).unlink()
        self.assert_free(self.entries)
        self.assertEqual(len(self.bill().line_ids.move_id), 2)

    def test_draft_cancelled(self):
        self.move.button_cancel()
        self.assert_free(self.entries)
        self.assertEqual(self.move.amount_untaxed, 300)

    def test_posted_invoice_cancelled_keeps_showing_what_it_billed(self):
        self.move.action_post()
        self.move.button_cancel()
        self.assert_free(self.entries)
        self.assertEqual(self.move.amount_untaxed, 300)
        again = self.bill().line_ids.move_id
        self.assertNotEqual(again, self.move)
        self.assert_states(self.entries, "invoiced")

    def rework(self):
        """The accountant's own text, price, quantity and discount, on ACME's first line."""
        line = self.entry.invoice_line_id
        values = {"name": "As agreed", "price_unit": 70, "quantity": 1.5, "discount": 10}
        self.edit_line(self.move, line, **values)
        return line, values

    def assert_as_reworked(self, line, values):
        self.assertEqual({name: line[name] for name in values}, values)
        self.assertEqual(self.entry.invoice_line_id, line)
        self.assert_states(self.entries, "invoiced")
        self.assertFalse(self.bill().line_ids)
        self.assert_books(self.entries, 94.5 + 120)

    def test_posted_invoice_reset_to_draft_keeps_everything(self):
        line, values = self.rework()
        self.move.action_post()
        self.move.button_draft()
        self.assert_as_reworked(line, values)
        self.assertEqual(self.move.waiting_support_hours, 0)
        self.move.action_post()
        self.assert_as_reworked(line, values)

    def test_cancelled_invoice_reset_to_draft_is_as_it_was(self):
        line, values = self.rework()
        self.move.action_post()
        self.move.button_cancel()
        self.assert_free(self.entries)
        self.move.button_draft()
        self.assert_as_reworked(line, values)
        # And again.
        self.move.button_cancel()
        self.assert_free(self.entries)
        self.move.button_draft()
        self.assert_as_reworked(line, values)

    def test_cancelled_invoice_stays_while_its_time_is_billed_elsewhere(self):
        line, values = self.rework()
        self.move.button_cancel()
        new = self.bill().line_ids.move_id
        with self.assertRaisesRegex(UserError, "on two invoices"), self.env.cr.savepoint():
            self.move.button_draft()
        self.assertEqual((self.move.state, self.entries.invoice_id), ("cancel", new))
        new.unlink()
        self.move.button_draft()
        self.assert_as_reworked(line, values)

    def test_cancelled_invoice_stays_while_its_time_is_under_review(self):
        self.move.button_cancel()
        self.entry.with_user(self.manager)._unlock("Wrong ticket")
        with self.assertRaisesRegex(UserError, "under review"):
            self.move.button_draft()

    def test_cancelled_while_a_credit_note_is_a_draft(self):
        self.move.action_post()
        credit = self.credit(self.move, free_support_time=True)
        self.move.button_cancel()
        self.assert_free(self.entries)
        self.move.button_draft()
        self.assert_states(self.entries, "invoiced")
        credit.action_post()
        self.assert_states(self.entries, "invoiced")

    def test_invoice_that_was_cancelled_before_it_was_noted(self):
        self.move.button_cancel()
        self.env["telecom.time.release"].search([]).unlink()
        self.move.button_draft()
        self.assertEqual(self.move.amount_untaxed, 100)
        self.assert_free(self.entries)
        self.assertIn("Support time was taken off", self.move.message_ids[0].body)

    def test_time_is_put_back_by_the_button(self):
        self.support_lines(self.move).unlink()
        self.assertEqual(self.move.waiting_support_hours, 2)
        self.move.action_add_support_time()
        self.assert_states(self.entries, "invoiced")
        self.assertEqual(self.entries.invoice_id, self.move)
        self.assertEqual(self.move.amount_untaxed, 300)
        self.move.invalidate_recordset()
        self.assertEqual(self.move.waiting_support_hours, 0)
        self.assertEqual(self.move.support_time_count, 2)

    def test_button_bills_on_this_very_draft(self):
        self.log_approved(30)
        second = self.draft().with_user(self.accountant)
        second.action_add_support_time()
        self.assertEqual(second.amount_untaxed, 140)
        self.assertEqual(self.move.amount_untaxed, 300)

    def test_button_is_for_drafts_of_the_customers_currency(self):
        francs = self.env.ref("base.CHF")
        francs.active = True
        self.log_approved(30)
        elsewhere = self.draft(currency_id=francs.id).with_user(self.accountant)
        self.assertEqual(elsewhere.waiting_support_hours, 0)
        self.move.action_post()
        self.assertEqual(self.move.waiting_support_hours, 0)
        with self.assertRaises(UserError):
            self.move.action_add_support_time()

    def test_billed_hours_come_back_to_the_contract(self):
        with frozen("2026-03-10 09:00:00"):
            self.include_hours(1)
            covered = self.log_approved(60, date="2026-03-02")
            paid = self.log_approved(60, date="2026-03-03")
            move = self.bill(grouping="entry").line_ids.move_id
            period = self.contract.period_ids.filtered(lambda period: period.date_start.month == 3)
            self.assertEqual(period.used_hours, 1)
            self.assertEqual(covered.billing_state, "included")
            move.unlink()
        self.assert_free(covered | paid | self.entries)
        # The oldest work of all has the contract's hour now.
        self.assertEqual((self.entry | covered | paid).mapped("included_hours"), [1, 0, 0])
        self.assertEqual(period.used_hours, 1)

    def test_note_of_covered_time_deleted(self):
        with frozen("2026-03-10 09:00:00"):
            self.include_hours(1)
            covered = self.log_approved(60, date="2026-03-02")
            self.log_approved(60, date="2026-03-03")
            self.bill()
            covered.invoice_line_id.unlink()
        self.assert_free(covered)

    def test_price_and_quantity_are_the_accountants(self):
        line = self.entry.invoice_line_id
        position = self.move.invoice_line_ids.ids.index(line.id)
        with Form(self.move) as form, form.invoice_line_ids.edit(position) as line_form:
            line_form.price_unit = 50
            line_form.quantity = 2
        self.assertEqual(line.price_subtotal, 100)
        self.assertEqual(self.entry.invoice_line_id, line)
        self.move.action_post()
        self.assert_states(self.entries, "invoiced")

    def test_duplicate_leaves_the_time_out(self):
        self.product_working.taxes_id = self.tax
        self.log_approved(60)
        self.bill()
        self.move.action_post()
        action = self.move.action_duplicate()
        copy = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(copy.invoice_line_ids.mapped("name"), ["Line rent"])
        self.assertEqual((copy.amount_untaxed, copy.amount_total), (100, 100))
        copy.action_post()
        self.assertEqual(self.entries.invoice_id, self.move)

    def test_invoice_is_not_given_to_another_customer(self):
        with self.assertRaisesRegex(ValidationError, "support time of ACME"):
            self.move.partner_id = self.other_customer
        self.move.partner_id = self.customer_contact
        self.assertEqual(self.entry.invoice_line_id.partner_id, self.customer)

    def test_currency_of_support_time_stays(self):
        francs = self.env.ref("base.CHF")
        francs.active = True
        for values in ({"currency_id": francs}, {"journal_id": self.make_journal(francs)}):
            with (
                self.subTest(values),
                self.assertRaisesRegex(UserError, "prices in"),
                self.env.cr.savepoint(),
            ):
                form = Form(self.move)
                for name, value in values.items():
                    form[name] = value
                form.save()
            self.env.invalidate_all()
            self.assertEqual(self.move.currency_id, self.company.currency_id)
        # An invoice without support time goes on as ever, and so does one that had some.
        self.support_lines(self.move).unlink()
        with Form(self.move) as form:
            form.currency_id = francs
        self.assertEqual(self.move.currency_id, francs)

    def make_journal(self, currency):
        return self.env["account.journal"].create(
            {"name": "Abroad", "type": "sale", "code": "ABR", "currency_id": currency.id}
        )

    def test_another_date_changes_no_price(self):
        with Form(self.move) as form:
            form.invoice_date = "2026-04-30"
        self.assertEqual(self.move.amount_untaxed, 300)
        self.assert_states(self.entries, "invoiced")

    def test_another_contact_of_the_customer_changes_no_price(self):
        with Form(self.move) as form:
            form.partner_id = self.customer_contact
        self.assertEqual(self.move.amount_untaxed, 300)
        self.assert_states(self.entries, "invoiced")

    def test_draft_that_becomes_a_credit_note_bills_nothing(self):
        self.own.action_switch_move_type()
        self.assertEqual(self.own.move_type, "out_refund")
        self.assert_free(self.entries)
        self.assertFalse(self.support_lines(self.own))

    def test_tie_is_not_changed_by_the_lines_of_the_invoice(self):
        other = self.move.invoice_line_ids - self.support_lines(self.move)
        with self.assertRaises(UserError):
            other.write({"support_time_ids": [Command.link(self.entry.id)]})
