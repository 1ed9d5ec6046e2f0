from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged

from ..packs_common import PacksCommon


@tagged("post_install", "-at_install")
class TestPacksInvoice(PacksCommon, TransactionCase):
    """A pack holds what its invoice and the credit notes say; what covers billed work stays."""

    def setUp(self):
        super().setUp()
        self.pack = self.sell()
        self.move = self.pack.invoice_id.with_user(self.accountant)

    def work_billed(self, hours):
        line = self.work(hours)
        self.bill()
        self.assert_states(line, "included")
        return line

    # Draft again

    def test_on_a_draft_again_it_covers_nothing_new(self):
        billed, waiting = self.work_billed(3), self.work(2)
        self.move.button_draft()
        self.assert_pack(self.pack, 3, 7, "waiting")
        self.assertEqual((billed.included_hours, waiting.included_hours), (3, 0))
        self.move.action_post()
        self.assert_pack(self.pack, 5, 5)
        self.assertEqual(waiting.included_hours, 2)

    def test_what_was_changed_on_the_draft_counts(self):
        self.work(2)
        self.move.button_draft()
        self.edit_line(self.move, self.move.invoice_line_ids, quantity=2)
        self.pack_product.support_pack_hours = 99
        self.move.action_post()
        self.assert_pack(self.pack, 2, 18)

    def test_it_does_not_become_less_than_what_was_billed(self):
        self.work_billed(8)
        self.move.button_draft()
        self.edit_line(self.move, self.move.invoice_line_ids, quantity=0.5)
        with self.assertRaisesRegex(UserError, "8:00 h cover work that was billed already"):
            self.move.action_post()

    def test_it_becomes_another_customers_while_nothing_was_billed(self):
        line = self.work(2)
        self.move.button_draft()
        self.move.partner_id = self.other_customer
        self.move.action_post()
        self.assertEqual(self.pack.partner_id, self.other_customer)
        self.assertEqual(line.included_hours, 0)
        self.work(1, ticket=self.other_ticket)
        self.assert_pack(self.pack, 1, 9)
        self.bill()
        self.move.button_draft()
        self.move.partner_id = self.customer
        with self.assertRaisesRegex(UserError, "cannot be another customer's"):
            self.move.action_post()

    # Cancelled and deleted

    def test_cancelling_frees_what_was_not_billed(self):
        line = self.work(4)
        self.move.button_cancel()
        self.assertEqual(line.included_hours, 0)
        self.assert_pack(self.pack, 0, 0, "cancelled", credited=10)
        self.move.button_draft()
        self.move.action_post()
        self.assert_pack(self.pack, 4, 6)

    def test_no_cancelling_once_work_was_billed(self):
        self.work_billed(4)
        with self.assertRaisesRegex(UserError, "4:00 h cover work that was billed already"):
            self.move.button_cancel()

    def test_deleting_takes_the_pack_along_while_nothing_was_billed(self):
        line = self.work(4)
        self.move.button_draft()
        self.move.invoice_line_ids.unlink()
        self.assertFalse(self.pack.exists())
        self.assertEqual(line.included_hours, 0)

    def test_no_deleting_once_work_was_billed(self):
        self.work_billed(4)
        self.move.button_draft()
        for records in (self.move.invoice_line_ids, self.move):
            with self.assertRaisesRegex(UserError, "Its invoice stays"):
                records.unlink()
        self.pack.invalidate_recordset()
        self.assertTrue(self.pack.exists())

    # Credited

    def test_a_credit_note_takes_back_what_is_left(self):
        line = self.work(4)
        [credit_note] = self.credit(self.move)
        self.assertIn("10:00 h are taken back", credit_note.pack_hint)
        self.assert_pack(self.pack, 4, 6)
        credit_note.action_post()
        self.assert_pack(self.pack, 0, 0, "cancelled", credited=10)
        self.assertEqual(line.included_hours, 0, "it waits to be invoiced")
        self.assertFalse(credit_note.credit_hint, "no support time is credited")

    def test_a_part_of_it(self):
        [credit_note] = self.credit(self.move)
        self.edit_line(credit_note, credit_note.invoice_line_ids, quantity=0.4)
        credit_note.action_post()
        self.assert_pack(self.pack, 0, 6, credited=4)
        self.assertIn("4:00 h taken back", credit_note.message_ids[0].body)

    def test_what_was_billed_stays_and_the_accountant_knows_before(self):
        self.work_billed(4)
        [credit_note] = self.credit(self.move)
        self.assertIn("6:00 h are taken back. 4:00 h cover work", credit_note.pack_hint)
        credit_note.action_post()
        self.assert_pack(self.pack, 4, 0, "used", credited=6)
        self.assertIn("6:00 h taken back, 4:00 h used", credit_note.message_ids[0].body)

    def test_money_alone(self):
        [credit_note] = self.credit(self.move)
        self.edit_line(credit_note, credit_note.invoice_line_ids, price_unit=100)
        credit_note.action_post()
        self.assert_pack(self.pack, 0, 10)

    def test_a_credit_note_that_is_undone_gives_the_hours_again(self):
        [credit_note] = self.credit(self.move)
        credit_note.action_post()
        credit_note.button_draft()
        self.assert_pack(self.pack, 0, 10)
        credit_note.action_post()
        self.assert_pack(self.pack, 0, 0, "cancelled", credited=10)
        [undoing] = self.credit(credit_note)
        undoing.action_post()
        self.assertEqual(undoing.move_type, "out_invoice")
        self.assert_pack(self.pack, 0, 10)
        self.assertEqual(self.get_pack(undoing), self.pack.browse(), "it is no other pack")

    def test_an_invoice_in_place_of_it_takes_the_pack_over(self):
        billed, waiting = self.work_billed(4), self.work(1)
        [draft] = self.credit(self.move, button="modify_moves")
        self.assertEqual(self.pack.invoice_id, draft)
        self.assert_pack(self.pack, 4, 6, "waiting")
        self.assertEqual(waiting.included_hours, 0)
        self.edit_line(draft, draft.invoice_line_ids, price_unit=650)
        draft.with_user(self.accountant).action_post()
        self.assert_pack(self.pack, 5, 5)
        self.assertEqual((billed | waiting).mapped("included_hours"), [4, 1])
        self.assertEqual(self.pack.name, draft.name)
        self.assertFalse(self.get_pack(self.move))

    def test_a_credit_note_by_hand_takes_nothing(self):
        self.order(move_type="out_refund").action_post()
        self.assert_pack(self.pack, 0, 10)

    def test_support_time_beside_it_is_credited_as_ever(self):
        line = self.work(12)
        self.move.button_draft()
        self.move.with_user(self.accountant).action_add_support_time()
        self.move.action_post()
        self.assert_states(line, "invoiced")
        [credit_note] = self.credit(self.move, freed=line)
        credit_note.action_post()
        self.assert_states(line, "approved")
        self.assert_pack(self.pack, 0, 0, "cancelled", credited=10)

    def test_the_product_is_set_on_its_form(self):
        form = Form(self.env["product.template"])
        form.name, form.type = "Five hours", "service"
        form.support_pack_hours = 5
        form.support_pack_months = 12
        self.assertEqual(form.save().product_variant_id.support_pack_hours, 5)
