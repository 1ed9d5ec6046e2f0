from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestCreditNote(BillingCommon, TransactionCase):
    """A credit note asks what becomes of the time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.entries = cls.log_approved(60) | cls.log_approved(60, hours_period="out")
        cls.move = cls.bill(invoice_date="2026-03-31").line_ids.move_id
        cls.move.with_user(cls.accountant).action_post()

    def credit(self, moves=None, *args, **values):
        return super().credit(moves or self.move, *args, **values)

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

    # The dialog

    def choose(self, credit, entries, user=None):
        """The accountant has ``credit`` give back ``entries``: the button on it."""
        action = credit.with_user(user or self.accountant).action_choose_freed_time()
        dialogs = self.env[action["res_model"]].with_user(user or self.accountant)
        form = Form(dialogs.with_context(**action["context"]))
        offered = form.support_time_ids
        form.freed_time_ids.set(entries)
        form.save().action_confirm()
        credit.invalidate_recordset()
        return offered

    def test_only_the_time_that_is_chosen_is_free(self):
        chosen, other = self.entries
        credit = self.credit(freed=chosen)
        self.assertIn("1:00 h (entries: 1)", credit.credit_hint)
        credit.action_post()
        self.assert_states(chosen, "approved")
        self.assert_states(other, "invoiced")

    def test_the_dialog_shows_what_is_credited_and_changes_it_until_posting_and_after(self):
        credit = self.credit()
        self.assertIn("stays billed", credit.credit_hint)
        first, second = self.entries
        offered = self.choose(credit, first)
        self.assertEqual(offered[:], self.entries)
        self.assertEqual(sum(entry.invoiced_amount for entry in self.entries), 200)
        self.choose(credit, second)
        credit.action_post()
        self.assert_states(first, "invoiced")
        self.assert_states(second, "approved")
        self.choose(credit, first)
        self.assert_states(first, "approved")
        self.assert_states(second, "invoiced")

    def test_the_dialog_offers_nothing_of_other_invoices(self):
        other = self.log_approved(60, ticket=self.other_ticket)
        self.bill(invoice_date="2026-03-31").line_ids.move_id.action_post()
        credit = self.credit()
        values = {"move_id": credit.id, "freed_time_ids": [Command.link(other.id)]}
        with self.assertRaisesRegex(ValidationError, "cannot be chosen"):
            self.env["telecom.time.credit"].with_user(self.accountant).create(values)
        with self.assertRaises(AccessError):
            self.env["telecom.time.credit"].with_user(self.manager).create(values)

    def test_time_is_given_back_by_one_credit_note(self):
        first = self.credit(free_support_time=True)
        second = self.credit()
        self.assertFalse(second._get_creditable_time())
        first.unlink()
        self.assertEqual(second._get_creditable_time(), self.entries)

    def test_what_is_not_to_be_billed_again_stays_while_it_is_on_another_invoice(self):
        credit = self.credit(free_support_time=True)
        credit.action_post()
        self.bill()
        with self.assertRaisesRegex(UserError, "billed again"):
            self.choose(credit, self.entries.browse())

    # Undone

    def test_credit_note_of_an_invoice_that_was_replaced_is_not_undone_alone(self):
        new = self.credit(button="modify_moves")
        credit = self.move.reversal_move_ids
        self.assertEqual(credit.state, "posted")
        for undo in (credit.button_draft, credit.button_cancel):
            with self.assertRaisesRegex(UserError, "It would be on two invoices"):
                undo()
        new.unlink()
        credit.button_draft()
        self.assertEqual(self.entries.invoice_id, self.move)

    def test_document_against_a_credit_note_undoes_it(self):
        credit = self.credit(free_support_time=True)
        credit.action_post()
        self.assert_states(self.entries, "approved")
        against = self.credit(credit)
        self.assert_states(self.entries, "approved")
        against.action_post()
        self.assertEqual(self.entries.invoice_id, self.move)
        self.assert_books(self.entries, 200)

    def test_document_against_a_credit_note_waits_until_the_time_is_off_other_invoices(self):
        credit = self.credit(free_support_time=True)
        credit.action_post()
        self.bill()
        against = self.credit(credit)
        with self.assertRaisesRegex(UserError, "billed again"):
            against.action_post()

    def test_two_credit_notes_in_turn(self):
        first = self.credit(free_support_time=True)
        first.action_post()
        again = self.bill(invoice_date="2026-03-31").line_ids.move_id.with_user(self.accountant)
        again.action_post()
        second = self.credit(again, free_support_time=True)
        second.action_post()
        self.assert_states(self.entries, "approved")
        # The first invoice stands again, and the time with it: not on both.
        first.button_draft()
        self.assertEqual(self.entries.invoice_id, self.move)
        with self.assertRaisesRegex(UserError, "billed again"):
            second.button_draft()
        self.assert_books(self.entries, 200)

    def test_invoice_that_is_no_more_gets_nothing_back(self):
        credit = self.credit(free_support_time=True)
        credit.action_post()
        self.move.button_cancel()
        credit.button_cancel()
        self.assert_states(self.entries, "approved")
