from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.telecom_helpdesk.tests.common import frozen

from ..billing_common import BillingCommon


@tagged("post_install", "-at_install")
class TestPriceDay(BillingCommon, TransactionCase):
    """Pricelist and exchange rate are of one day: that of the work or of the invoice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        cls.francs = cls.env.ref("base.CHF")
        cls.francs.active = True
        cls.francs.rate_ids.unlink()
        for day, rate in (("2026-01-01", 2), ("2026-03-10", 3), ("2026-04-01", 4)):
            cls.env["res.currency.rate"].create(
                {
                    "currency_id": cls.francs.id,
                    "name": day,
                    "rate": rate,
                    "company_id": cls.company.id,
                }
            )
        cls.pricelist = cls.make_pricelist(cls.francs, percent_price=0, compute_price="percentage")
        cls.customer.property_product_pricelist = cls.pricelist
        # The company is where it is evening while it is the next day in UTC.
        cls.company.partner_id.tz = "America/New_York"

    @classmethod
    def make_pricelist(cls, currency=None, *others, **item):
        return cls.env["product.pricelist"].create(
            {
                "name": "List",
                "currency_id": (currency or cls.company.currency_id).id,
                "item_ids": [Command.create(each) for each in (*others, item)],
            }
        )

    def bill_prices(self, **values):
        """Prices of the lines that the wizard puts on ACME's invoice."""
        line = self.bill(**values).line_ids.filtered(lambda line: line.partner_id == self.customer)
        return self.support_lines(line.move_id).mapped("price_unit")

    def log_two(self):
        return self.log_approved(60, date="2026-03-02") | self.log_approved(60, date="2026-03-20")

    def test_exchange_rate_of_the_day_of_the_work(self):
        self.log_two()
        with frozen("2026-04-05 09:00:00"):
            self.assertIn("day of the work", self.wizard().price_day)
            self.assertEqual(self.bill_prices(), [160, 240])

    def test_exchange_rate_of_the_day_of_the_invoice(self):
        self.company.telecom_price_day = "invoice"
        self.log_two()
        with frozen("2026-04-05 09:00:00"):
            wizard = self.wizard(invoice_date="2026-03-31")
            self.assertIn("the day of the invoice: 03/31/2026", wizard.price_day)
            self.assertEqual(self.bill_prices(invoice_date="2026-03-31"), [240])

    def test_without_a_date_it_is_the_day_at_the_company(self):
        self.company.telecom_price_day = "invoice"
        self.log_two()
        with frozen("2026-04-01 02:00:00"):
            self.assertIn("03/31/2026", self.wizard().price_day)
            self.assertEqual(self.bill_prices(), [240])

    def test_a_draft_with_a_date_is_billed_at_the_prices_of_that_day(self):
        self.company.telecom_price_day = "invoice"
        self.log_two()
        self.draft(invoice_date="2026-04-01", currency_id=self.francs.id)
        self.assertEqual(self.bill_prices(invoice_date="2026-04-30"), [320])

    def test_it_depends_on_nothing_else_in_a_pricelist_or_on_what_is_billed_with_it(self):
        other = {"compute_price": "fixed", "fixed_price": 1, "applied_on": "0_product_variant"}
        dated = {**other, "product_id": self.product_out.id, "date_start": "2026-01-01 00:00:00"}
        for day, prices in (("work", [160]), ("invoice", [320])):
            with self.subTest(day), self.env.cr.savepoint() as savepoint:
                self.company.telecom_price_day = day
                self.log_approved(60, date="2026-03-02")
                for story in ("alone", "with newer work", "a dated price elsewhere"):
                    with self.subTest(story), self.env.cr.savepoint() as inner:
                        if story == "with newer work":
                            self.log_approved(60, date="2026-03-20")
                        if story == "a dated price elsewhere":
                            self.pricelist.item_ids = [Command.create(dated)]
                        found = self.bill_prices(invoice_date="2026-04-05")
                        self.assertEqual(found[:1], prices)
                        self.env.flush_all()
                        inner.rollback()
                    self.env.invalidate_all()
                savepoint.rollback()
            self.env.invalidate_all()

    def test_dated_prices_follow_the_same_day(self):
        march = {
            "compute_price": "fixed",
            "fixed_price": 70,
            # Until midnight in New York.
            "date_end": "2026-04-01 03:59:59",
        }
        april = {"compute_price": "fixed", "fixed_price": 90, "date_start": "2026-04-01 04:00:00"}
        self.customer.property_product_pricelist = self.make_pricelist(None, march, **april)
        for day, prices in (("work", [70, 90]), ("invoice", [90])):
            with self.subTest(day), self.env.cr.savepoint() as savepoint:
                self.company.telecom_price_day = day
                self.log_approved(60, date="2026-03-31")
                self.log_approved(60, date="2026-04-01")
                self.assertEqual(self.bill_prices(invoice_date="2026-04-01"), prices)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_prices_by_quantity_go_by_all_that_is_billed_at_once(self):
        ten = {"compute_price": "fixed", "fixed_price": 60, "min_quantity": 10}
        self.customer.property_product_pricelist = self.make_pricelist(
            None, ten, compute_price="fixed", fixed_price=80
        )
        for date in ("2026-03-02", "2026-03-03"):
            self.log_approved(300, date=date)
        self.log_approved(60, hours_period="out")
        # Another customer with the same pricelist and less work.
        self.other_customer.property_product_pricelist = self.customer.property_product_pricelist
        self.log_approved(60, ticket=self.other_ticket)
        run = self.bill()
        by_customer = {line.partner_id: self.support_lines(line.move_id) for line in run.line_ids}
        prices = by_customer[self.customer].mapped("price_unit")
        self.assertEqual(sorted(prices), [60, 80])
        self.assertEqual(by_customer[self.other_customer].price_unit, 80)

    def test_no_exchange_rate_on_the_day_of_the_work(self):
        self.francs.rate_ids.filtered(lambda rate: str(rate.name) < "2026-03-10").unlink()
        self.log_two()
        run = self.bill(invoice_date="2026-03-31")
        self.assertIn("no exchange rate of CHF on 03/02/2026", run.line_ids.problem)
        self.company.telecom_price_day = "invoice"
        self.assertEqual(self.bill_prices(invoice_date="2026-03-31"), [240])

    def test_a_price_is_looked_up_once_for_all_customers_of_a_pricelist(self):
        self.other_customer.property_product_pricelist = self.pricelist
        days = [f"2026-03-{day:02}" for day in range(2, 7)]
        for ticket in self.ticket + self.other_ticket:
            for date in days * 3:
                self.log(15, ticket=ticket, date=date)
        self.approve((self.ticket + self.other_ticket).timesheet_ids)
        lists = self.env.registry["product.pricelist"]
        with patch.object(
            lists, "_compute_price_rule", autospec=True, side_effect=lists._compute_price_rule
        ) as look_up:
            run = self.bill()
            self.assertEqual(len(run.line_ids.move_id), 2)
        # The form is opened, saved, and its button pressed.
        self.assertLessEqual(look_up.call_count, 4 * len(days))

    def test_the_books_say_it_at_the_rate_of_the_invoice(self):
        """Odoo posts the invoice's currency at the rate of its date, whatever the price's day."""
        entries = self.log_two()
        move = self.bill(invoice_date="2026-04-01").line_ids.move_id
        self.assertEqual(move.amount_untaxed, 400)
        self.assertEqual(move.amount_untaxed_signed, 100)
        move.action_post()
        shares = entries._find_shares().values()
        self.assertEqual(sum(share.amount for share in shares), 100)
        self.assertEqual(sum(share.amount_currency for share in shares), 400)
