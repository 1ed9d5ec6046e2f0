from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged

from .billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestCreditNote(BillingCommon, TransactionCase):
    """A credit note asks what becomes of the time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entries = cls.log_approved(60) | cls.log_approved(60, hours_period="out")
        cls.move = cls.bill(invoice_date="2026-03-31").line_ids.move_id
        cls.move.with_user(cls.accountant).action_post()

    def credit(self, moves=None, button="refund_moves", **values):
        moves = (moves or self.move).with_user(self.accountant)
        wizards = self.env["account.move.reversal"].with_user(self.accountant)
        form = Form(
            wizards.with_context(active_model="account.move", active_ids=moves.ids),
            view="account.view_account_move_reversal",
        )
        for name, value in values.items():
            form[name] = value
        wizard = form.save()
        getattr(wizard, button)()
        return wizard.new_move_ids

    def test_time_stays_billed_unless_asked(self):
        credit = self.credit()
        credit.action_post()
        self.assert_states(self.entries, "invoiced")
        self.assertEqual(self.entries.invoice_id, self.move)
        self.assertFalse(self.support_lines(credit))
        self.assertFalse(self.bill().line_ids)

    def test_time_is_free_again_once_the_credit_note_counts(self):
        credit = self.credit(free_support_time=True)
        self.assertEqual(credit.state, "draft")
        self.assert_states(self.entries, "invoiced")
        credit.action_post()
        self.assert_states(self.entries, "approved")
        self.assertEqual(credit.amount_untaxed, 200)
        again = self.bill().line_ids.move_id
        self.assertEqual(again.amount_untaxed, 200)

    def test_credit_note_that_is_deleted_frees_nothing(self):
        self.credit(free_support_time=True).unlink()
        self.assert_states(self.entries, "invoiced")

    def test_only_the_time_on_credited_lines_is_free(self):
        credit = self.credit(free_support_time=True)
        kept, gone = self.entries
        credit.invoice_line_ids.filtered(
            lambda line: line.support_origin_id == kept.invoice_line_id
        ).unlink()
        credit.action_post()
        self.assert_states(kept, "invoiced")
        self.assert_states(gone, "approved")

    def test_new_invoice_takes_the_time_over(self):
        new = self.credit(button="modify_moves", free_support_time=True)
        self.assertEqual(self.move.payment_state, "reversed")
        self.assertEqual((new.state, new.amount_untaxed), ("draft", 200))
        self.assert_states(self.entries, "invoiced")
        self.assertEqual(self.entries.invoice_id, new)
        self.assertEqual(self.entries.invoice_line_id, self.support_lines(new))
        for entry in self.entries:
            self.assertEqual(entry.invoice_line_id.product_id, entry.support_rate_id.product_id)
        new.unlink()
        self.assert_states(self.entries, "approved")

    def test_several_invoices_at_once(self):
        other = self.log_approved(60, ticket=self.other_ticket)
        second = self.bill(invoice_date="2026-03-31").line_ids.move_id
        second.action_post()
        new = self.credit(self.move | second, "modify_moves")
        self.assertEqual(other.invoice_id, new.filtered(lambda m: m.amount_untaxed == 80))
        self.assertEqual(self.entries.invoice_id, new.filtered(lambda m: m.amount_untaxed == 200))

    def test_question_is_asked_where_it_matters(self):
        plain = self.draft(invoice_date="2026-03-31")
        plain.action_post()
        for move, asked in ((self.move, True), (plain, False)):
            wizards = self.env["account.move.reversal"].with_user(self.accountant)
            form = Form(
                wizards.with_context(active_model="account.move", active_ids=move.ids),
                view="account.view_account_move_reversal",
            )
            self.assertEqual(form.has_support_time, asked)
            self.assertFalse(form.free_support_time)
            self.assertEqual(form._get_modifier("free_support_time", "invisible"), not asked)

    def test_what_was_freed_stays_billed_once_when_the_credit_note_is_reset(self):
        credit = self.credit(free_support_time=True)
        credit.action_post()
        credit.button_draft()
        self.assert_states(self.entries, "invoiced")
        self.assertEqual(self.entries.invoice_id, self.move)
        credit.action_post()
        self.assert_states(self.entries, "approved")

    def test_credit_note_stays_while_what_it_freed_is_billed_again(self):
        credit = self.credit(free_support_time=True)
        credit.action_post()
        again = self.bill().line_ids.move_id
        with self.assertRaisesRegex(UserError, self.ticket.number):
            credit.button_draft()
        again.unlink()
        credit.button_draft()
        self.assertEqual(self.entries.invoice_id, self.move)

    def test_invoice_that_is_no_more_gets_nothing_back(self):
        credit = self.credit(free_support_time=True)
        credit.action_post()
        self.move.button_cancel()
        credit.button_cancel()
        self.assert_states(self.entries, "approved")
