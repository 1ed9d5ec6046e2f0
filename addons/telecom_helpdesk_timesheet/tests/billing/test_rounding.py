from itertools import product

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..billing_common import BillingCommon

METHODS = ("round_per_line", "round_globally")
PRICES = ("tax_excluded", "tax_included")
GROUPINGS = ("ticket", "entry", "single")


@tagged("post_install", "-at_install")
class TestRounding(BillingCommon, TransactionCase):
    """Preview, run, invoice and what is told of the entries are the same to the cent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rate_working.rounding_minutes = 1
        cls.product_working.list_price = 79.99
        cls.product_out.list_price = 33.33
        cls.product_working.taxes_id = cls.product_out.taxes_id = cls.tax
        cls.second = cls.make_own_ticket(name="Echo on the line")
        for ticket in cls.ticket + cls.second:
            for minutes in (10, 10, 50, 7):
                cls.log_approved(minutes, ticket=ticket)
            cls.log_approved(65, ticket=ticket, hours_period="out")

    def assert_same(self, **values):
        wizard = self.wizard(**values)
        shown = wizard.line_ids.amount
        line = self.env["telecom.billing.run"].browse(wizard.action_bill()["res_id"]).line_ids
        self.env.invalidate_all()
        lines = self.support_lines(line.move_id)
        self.assertAlmostEqual(line.amount, -sum(lines.mapped("amount_currency")), 6)
        self.assertAlmostEqual(shown, line.amount, 6)
        shares = lines.support_time_ids._find_shares().values()
        self.assertAlmostEqual(sum(share.amount_currency for share in shares), line.amount, 6)
        self.assertAlmostEqual(sum(share.amount for share in shares), line.amount, 6)
        sheet = line.move_id._get_time_sheet()["totals"]
        self.assertAlmostEqual(sheet["amount"], line.amount, 6)
        return line

    def assert_for_all(self, make_draft=None):
        for method, included, grouping in product(METHODS, PRICES, GROUPINGS):
            with (
                self.subTest(method, prices=included, grouping=grouping),
                self.env.cr.savepoint() as savepoint,
            ):
                self.company.tax_calculation_rounding_method = method
                self.tax.price_include_override = included
                draft = make_draft and make_draft()
                line = self.assert_same(grouping=grouping)
                if draft:
                    self.assertEqual(line.move_id, draft)
                else:
                    self.assertAlmostEqual(line.amount, line.move_id.amount_untaxed, 6)
                self.env.flush_all()
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_new_invoice(self):
        self.assert_for_all()

    def test_a_draft_with_lines_that_do_not_divide(self):
        self.assert_for_all(
            lambda: self.draft(
                invoice_line_ids=[
                    Command.create(
                        {
                            "name": "Line rent",
                            "quantity": 12.12,
                            "price_unit": 12.12,
                            "tax_ids": self.tax.ids,
                        }
                    )
                    for _each in range(2)
                ]
            )
        )

    def test_the_whole_is_rounded_once(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        self.product_working.list_price = self.product_out.list_price = 80
        line = self.assert_same(grouping="entry")
        minutes = 2 * (10 + 10 + 50 + 7 + 75)
        self.assertAlmostEqual(line.amount, round(minutes * 80 / 60, 2), 6)

    def test_a_fiscal_position_takes_the_taxes_out_of_the_price(self):
        for method in METHODS:
            with self.subTest(method), self.env.cr.savepoint() as savepoint:
                self.company.tax_calculation_rounding_method = method
                self.tax.price_include_override = "tax_included"
                none = self.env["account.tax"].create(
                    {"name": "0% abroad", "amount": 0, "type_tax_use": "sale"}
                )
                abroad = self.env["account.fiscal.position"].create({"name": "Abroad"})
                none.write(
                    {
                        "fiscal_position_ids": abroad.ids,
                        "original_tax_ids": [Command.set(self.tax.ids)],
                    }
                )
                self.customer.property_account_position_id = abroad
                line = self.assert_same(grouping="ticket")
                self.assertEqual(line.move_id.amount_total, line.move_id.amount_untaxed)
                self.env.flush_all()
                savepoint.rollback()
            self.env.invalidate_all()
