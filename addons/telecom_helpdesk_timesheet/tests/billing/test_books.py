from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestBooks(BillingCommon, TransactionCase):
    """Documents, report, time sheet, portal and waiting list say the same after any correction.

    Each story is told on one line of three hours at 80.00 in working hours, of two entries.
    """

    # What was changed by hand on the line, before it was posted: amount and hours in the books.
    CHANGES = {
        "quantity": ({"quantity": 2.5}, 200, 2.5),
        "price": ({"price_unit": 70}, 210, 3),
        "discount": ({"discount": 10}, 216, 3),
        "all of it given away": ({"discount": 100}, 0, 3),
        "quantity zero": ({"quantity": 0}, 0, 0),
        "price zero": ({"price_unit": 0}, 0, 3),
        "cents that do not divide": ({"price_unit": 33.33}, 99.99, 3),
    }
    # What was changed on the credit note: amount and hours that are left in the books.
    CREDITS = {
        "whole": ({}, 0, 0),
        "by quantity": ({"quantity": 1}, 160, 2),
        "by price": ({"price_unit": 20}, 180, 3),
        "by discount": ({"discount": 50}, 120, 3),
        "at zero": ({"price_unit": 0}, 240, 3),
        "of nothing": ({"quantity": 0}, 240, 3),
    }

    def setUp(self):
        super().setUp()
        self.entries = self.log_approved(60) | self.log_approved(120)
        self.move = self.bill(invoice_date="2026-03-31").line_ids.move_id

    def post(self, move=None):
        (move or self.move).with_user(self.accountant).action_post()

    def get_line(self, move=None):
        return (move or self.move).invoice_line_ids.filtered("product_id")

    def credit_part(self, changes, freed=None):
        credit = self.credit(self.move, freed=freed)
        if changes:
            self.edit_line(credit, self.get_line(credit), **changes)
        self.post(credit)
        return credit

    def test_as_it_was_billed(self):
        self.assert_books(self.entries, 240, 3)
        self.post()
        self.assert_books(self.entries, 240, 3)

    def test_changed_by_hand(self):
        for story, (changes, amount, hours) in self.CHANGES.items():
            with self.roll_back(story):
                self.edit_line(self.move, self.get_line(), **changes)
                self.assert_books(self.entries, amount, hours)
                self.post()
                self.assert_books(self.entries, amount, hours)

    def test_what_costs_nothing_stays_billed(self):
        """Given away, at a price below zero beside other lines: nothing is free again."""
        self.move.invoice_line_ids = [
            Command.create({"name": "Line rent", "price_unit": 900, "tax_ids": []})
        ]
        for story, changes, amount in (
            ("discount", {"discount": 100}, 0),
            ("price zero", {"price_unit": 0}, 0),
            ("price below zero", {"price_unit": -10}, -30),
            ("more than all is taken off", {"discount": 110}, -24),
        ):
            with self.roll_back(story):
                self.edit_line(self.move, self.get_line(), **changes)
                self.post()
                self.assert_states(self.entries, "invoiced")
                self.assert_books(self.entries, amount, 3)
                self.assertFalse(self.wizard().line_ids)
                self.assertFalse(self.bill().line_ids)
                report = self.env["telecom.billing.report"].search(
                    [("entry_id", "in", self.entries.ids)]
                )
                self.assertFalse(any(report.mapped("waiting_hours")))

    def test_another_unit(self):
        line = self.get_line()
        line.write({"product_uom_id": self.env.ref("uom.product_uom_day").id, "quantity": 0.5})
        line.price_unit = 640
        self.assert_books(self.entries, 320, 4)
        line.write({"product_uom_id": self.env.ref("uom.product_uom_unit").id, "quantity": 1})
        line.price_unit = 300
        # A flat fee takes no hour off.
        self.assert_books(self.entries, 300, 3)

    def test_credited_and_nothing_freed(self):
        self.post()
        for story, (changes, amount, hours) in self.CREDITS.items():
            with self.roll_back(story):
                self.credit_part(changes)
                self.assert_states(self.entries, "invoiced")
                self.assertFalse(self.bill().line_ids)
                self.assert_books(self.entries, amount, hours)

    def test_credited_and_one_entry_freed(self):
        self.post()
        short, long = self.entries
        for story, (changes, amount, hours) in self.CREDITS.items():
            with self.roll_back(story):
                self.credit_part(changes, freed=short)
                self.assert_states(short, "approved")
                self.assert_states(long, "invoiced")
                self.assert_books(self.entries, amount, hours)
                self.assertEqual(short.invoiced_hours, 0)
                [waiting] = self.env["telecom.billing.report"].search([("entry_id", "=", short.id)])
                self.assertEqual((waiting.waiting_hours, waiting.waiting_amount), (1, 80))
                self.bill()
                self.assert_books(self.entries, amount + 80, hours + 1)

    def test_credited_and_all_freed(self):
        self.post()
        for story, (changes, amount, hours) in self.CREDITS.items():
            with self.roll_back(story):
                self.credit_part(changes, freed=self.entries)
                self.assert_states(self.entries, "approved")
                # What was not credited is still in the books.
                self.assert_books(self.entries, amount, hours)
                self.bill()
                self.assert_books(self.entries, amount + 240, hours + 3)

    def test_credited_twice(self):
        self.post()
        self.credit_part({"quantity": 1})
        self.credit_part({"price_unit": 10, "quantity": 1})
        self.assert_books(self.entries, 150, 2)

    def test_credit_note_that_is_a_draft_or_cancelled_takes_nothing_off(self):
        self.post()
        credit = self.credit(self.move)
        self.assert_books(self.entries, 240, 3)
        self.post(credit)
        self.assert_books(self.entries, 0, 0)
        credit.button_cancel()
        self.assert_books(self.entries, 240, 3)

    def test_copy_of_a_credit_note_credits_as_well(self):
        self.post()
        credit = self.credit_part({"quantity": 1})
        copy = credit.copy({"invoice_date": "2026-03-31"})
        self.post(copy)
        self.assert_books(self.entries, 80, 1)

    def test_credit_note_that_went_to_another_customer_credits_none_of_it(self):
        self.post()
        credit = self.credit(self.move, freed=self.entries)
        credit.partner_id = self.other_customer
        self.post(credit)
        self.assert_states(self.entries, "invoiced")
        self.assert_books(self.entries, 240, 3)

    def test_goodwill_on_a_line_of_its_own_is_no_credit_of_time(self):
        self.post()
        credit = self.credit(self.move, freed=self.entries)
        credit.invoice_line_ids.unlink()
        credit.invoice_line_ids = [(0, 0, {"name": "Sorry", "price_unit": 50, "tax_ids": []})]
        self.post(credit)
        self.assert_states(self.entries, "invoiced")
        self.assert_books(self.entries, 240, 3)

    def test_replaced_by_another_invoice(self):
        self.edit_line(self.move, self.get_line(), quantity=2)
        self.post()
        new = self.credit(self.move, "modify_moves")
        self.assert_books(self.entries, 160, 2)
        self.edit_line(new, self.get_line(new), price_unit=75)
        self.assert_books(self.entries, 150, 2)
        self.post(new)
        self.assert_books(self.entries, 150, 2)
        self.assertEqual(self.entries.invoice_id, new)

    def test_replaced_after_a_part_was_credited_and_billed_again(self):
        short = self.entries[0]
        self.post()
        self.credit_part({"quantity": 1}, freed=short)
        again = self.bill(invoice_date="2026-03-31").line_ids.move_id
        self.post(again)
        self.assert_books(self.entries, 240, 3)
        new = self.credit(self.move, "modify_moves")
        self.assertEqual(short.invoice_id, again)
        self.assertEqual((self.entries - short).invoice_id, new)
        self.assert_books(self.entries, 240, 3)

    def test_taxes_that_are_in_the_price(self):
        self.tax.price_include_override = "tax_included"
        self.product_working.taxes_id = self.tax
        entry = self.log_approved(60)
        self.bill()
        self.assert_books(self.entries | entry, 240 + 66.12, 4)

    def test_time_sheet_says_what_was_credited(self):
        self.post()
        credit = self.credit_part({"quantity": 1})
        sheet = self.move._get_time_sheet()
        self.assertEqual(sheet["credits"], credit)
        self.assertEqual(sheet["totals"]["amount"], 160)
        reports = self.env["ir.actions.report"].with_user(self.accountant)
        content, _kind = reports._render_qweb_html("account.account_invoices", self.move.ids)
        self.assertIn(f"Less what was credited by <span>{credit.name}", content.decode())

    def test_shares_of_all_entries_are_read_at_once(self):
        self.post()
        self.credit_part({"quantity": 1})
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            self.entries.mapped("invoiced_hours")
