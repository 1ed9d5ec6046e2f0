from odoo.tests import Form, TransactionCase, tagged

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestTakenOff(BillingCommon, TransactionCase):
    """Time that was on a draft and is not any more: whoever confirms the draft hears of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.move = cls.draft()
        cls.entries = cls.log_approved(120) + cls.log_approved(30, ticket=cls.make_own_ticket())
        cls.bill(partners=cls.customer)

    def delete_line(self, line):
        """The accountant deletes ``line`` on the form of the draft."""
        form = Form(self.move.with_user(self.accountant))
        form.invoice_line_ids.remove(self.move.invoice_line_ids.ids.index(line.id))
        form.save()
        self.env.invalidate_all()

    def confirm(self):
        """The button on the form; the dialog that it opens, or nothing."""
        button = self.move.with_user(self.accountant).with_context(
            validate_analytic=True, disable_abnormal_invoice_detection=False
        )
        action = button.action_post()
        model = self.env["validate.account.move"].with_user(self.accountant)
        return model.browse(action and action["res_id"])

    def get_banner(self):
        alerts = self.move.with_user(self.accountant).alerts or {}
        return alerts.get("telecom_support_time", {}).get("message", "")

    def test_nothing_is_said_of_a_draft_with_all_of_its_time(self):
        self.assertEqual(self.get_banner(), "")
        self.assertFalse(self.confirm())
        self.assertEqual(self.move.state, "posted")

    def test_a_deleted_line_is_told_of_before_it_is_posted(self):
        self.delete_line(self.support_lines(self.move)[0])
        self.assertIn("taken off this draft and waits to be billed: 2:00 h", self.get_banner())
        dialog = self.confirm()
        self.assertEqual(self.move.state, "draft", "the accountant is asked first")
        self.assertIn("2:00 h (entries: 1)", dialog.support_time_warning)
        dialog.validate_move()
        self.assertEqual(self.move.state, "posted")
        self.assertEqual(self.get_banner(), "")

    def test_put_back_on_nothing_is_said(self):
        self.delete_line(self.support_lines(self.move)[0])
        self.move.with_user(self.accountant).action_add_support_time()
        self.env.invalidate_all()
        self.assertEqual(self.get_banner(), "")

    def test_another_invoice_took_it(self):
        self.delete_line(self.support_lines(self.move)[0])
        other = self.draft()
        other.with_user(self.accountant).action_add_support_time()
        self.env.invalidate_all()
        self.assertIn(f"is on {other.display_name} now: 2:00 h", self.get_banner())

    def test_it_is_under_review_again(self):
        line = self.support_lines(self.move)[0]
        entry = line.support_time_ids
        self.delete_line(line)
        entry.with_user(self.manager)._unlock("Another customer's fault")
        self.env.invalidate_all()
        self.assertIn("is under review again", self.get_banner())

    def test_a_line_without_time_is_named(self):
        """Software of another kind freed the time and left the line."""
        line = self.support_lines(self.move)[0]
        line.support_time_ids._release_from_invoice()
        self.env.invalidate_all()
        self.assertIn(f"No support time is behind these lines any more: “{line.name}”",
                      self.get_banner())  # fmt: skip

    def test_several_are_confirmed_from_the_list(self):
        other = self.draft(self.other_customer)
        self.delete_line(self.support_lines(self.move)[0])
        moves = (self.move + other).with_user(self.accountant)
        action = moves.action_validate_moves_with_confirmation()
        self.assertEqual((self.move.state, other.state), ("draft", "posted"))
        dialog = self.env[action["res_model"]].with_user(self.accountant).browse(action["res_id"])
        self.assertEqual(dialog.move_ids, self.move)
        self.assertIn("2:00 h", dialog.support_time_warning)
