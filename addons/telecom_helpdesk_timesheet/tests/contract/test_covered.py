from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestCovered(BillingCommon, TransactionCase):
    """What the contract covers has a way back: it is unlocked with a note, like approved time."""

    def setUp(self):
        super().setUp()
        clock = frozen("2026-03-10 09:00:00")
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)
        self.include_hours(2)
        self.first, self.second = (self.log_approved(60, date=f"2026-03-0{n}") for n in (2, 3))

    def unlock(self, lines, note="Was another customer's", user=None):
        user = user or self.manager
        action = lines.with_user(user).action_unlock()
        form = Form(self.env[action["res_model"]].with_user(user).with_context(action["context"]))
        form.note = note
        result = form.save().action_confirm()
        lines.invalidate_recordset()
        return result

    def get_period(self):
        self.env.invalidate_all()
        period = self.contract.current_period_id
        return period.used_hours, period.left_hours

    def test_covered_time_is_unlocked_and_the_periods_follow(self):
        self.bill()
        self.assert_states(self.first | self.second, "included")
        self.assertEqual(self.get_period(), (2, 0))
        with self.assertRaisesRegex(UserError, "Mona Manager, who approved it, can unlock it"):
            self.first.with_user(self.agent_voice).unit_amount = 0.5
        self.unlock(self.first)
        self.assert_states(self.first, "to_approve")
        self.assertEqual((self.first.billed_hours, self.first.included_hours), (0, 0))
        self.assertEqual(self.get_period(), (1, 1))
        self.assertIn("Was another customer's", self.ticket.message_ids[0].body)
        [row] = self.env["telecom.billing.report"].search([("entry_id", "=", self.first.id)])
        self.assertEqual((row.included_hours, row.billing_state), (0, "to_approve"))
        self.first.with_user(self.agent_voice).unit_amount = 0.5
        self.approve(self.first)
        self.bill()
        self.assert_states(self.first, "included")
        self.assertEqual(self.get_period(), (1.5, 0.5))

    def test_its_hours_cover_what_waits(self):
        self.bill()
        waiting = self.log_approved(60, date="2026-03-05")
        self.assertEqual(waiting.included_hours, 0)
        self.unlock(self.first)
        self.assertEqual(waiting.included_hours, 1)
        self.assertEqual(self.get_period(), (2, 0))

    def test_what_an_invoice_tells_of_is_taken_off_there_first(self):
        paid = self.log_approved(60, date="2026-03-05")
        move = self.bill().line_ids.move_id
        self.assertEqual(self.first.invoice_id, move)
        with self.assertRaisesRegex(UserError, "says that it is covered"):
            self.unlock(self.first)
        move.invoice_line_ids.filtered(lambda line: line.display_type == "line_note").unlink()
        self.unlock(self.first)
        self.assert_states(self.first, "to_approve")
        self.assert_states(paid, "invoiced")

    def test_whoever_approved_it_unlocks_it(self):
        self.bill()
        with self.assertRaisesRegex(UserError, "Mona Manager approved it and can unlock it"):
            self.unlock(self.first, user=self.manager_two)
        with self.assertRaises(UserError):
            self.unlock(self.first, note=" ")
        self.assert_states(self.first, "included")
