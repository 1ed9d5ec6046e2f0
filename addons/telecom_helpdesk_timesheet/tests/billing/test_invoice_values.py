from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ...models.billing import billing_run_line_invoice
from ..billing_common import BillingCommon

# What no two invoices have in common.
OWN = {"id", "access_token", "create_date", "write_date", "is_support_time", "support_origin_id"}
RELATIONS = ("one2many", "many2many")


@tagged("post_install", "-at_install")
class TestInvoiceValues(BillingCommon, TransactionCase):
    """An invoice comes out as if Odoo had worked out its amounts itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.config.settings"].create({"group_product_pricelist": True}).execute()
        cls.product = cls.rate_working.product_id
        cls.rate_working.rounding_minutes = 1
        cls.included_tax = cls.tax.copy({"name": "6% in it", "amount": 6})
        cls.included_tax.price_include_override = "tax_included"
        cls.abroad = cls.env["account.fiscal.position"].create({"name": "Abroad"})
        cls.abroad_tax = cls.tax.copy({"name": "7%", "amount": 7})
        cls.abroad_tax.write(
            {
                "fiscal_position_ids": cls.abroad.ids,
                "original_tax_ids": [Command.set((cls.tax + cls.included_tax).ids)],
            }
        )
        cls.instalments = cls.env["account.payment.term"].create(
            {
                "name": "30 now, 70 later",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 30}),
                ],
            }
        )
        cls.discount = cls.env["account.payment.term"].create(
            {
                "name": "2 % within 10 days",
                "early_discount": True,
                "line_ids": [Command.create({"value": "percent", "value_amount": 100})],
            }
        )
        cls.rounding = cls.env["account.cash.rounding"].create(
            {
                "name": "0.05",
                "rounding": 0.05,
                "strategy": "biggest_tax",
                "rounding_method": "HALF-UP",
            }
        )
        currency = cls.env["res.currency"].with_context(active_test=False)
        currency = currency.search([("name", "=", "CHF")])
        currency.active = True
        currency.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2026-01-01", "rate": 1.37}
        )
        pricelist = cls.env["product.pricelist"].create(
            {
                "name": "CHF",
                "currency_id": currency.id,
                "item_ids": [Command.create({"compute_price": "fixed", "fixed_price": 77.77})],
            }
        )
        for values in (
            {"property_payment_term_id": cls.instalments.id},
            {"property_account_position_id": cls.abroad.id},
            {"property_product_pricelist": pricelist.id},
            {
                "property_product_pricelist": pricelist.id,
                "property_account_position_id": cls.abroad.id,
                "property_payment_term_id": cls.discount.id,
            },
            {},  # with a draft that is rounded
        ):
            partner = cls.make_partner(f"Payer {values}", is_company=True, city="Bern", **values)
            ticket = cls.make_ticket(partner_id=partner.id, name="Slow line")
            for minutes in (10, 25, 60, 7):
                cls.log_approved(minutes, ticket=ticket)
        cls.draft(partner, invoice_cash_rounding_id=cls.rounding.id)

    def read_invoices(self, grouping):
        """All stored values of the invoices that billing makes, and of their lines."""
        savepoint = self.env.cr.savepoint()
        moves = self.bill(grouping=grouping).line_ids.move_id.sorted("commercial_partner_id")
        self.assertEqual(len(moves), 5)
        found = [self.read_stored(move) for move in moves]
        found += [
            self.read_stored(line)
            for move in moves
            for line in move.line_ids.sorted(lambda line: (line.display_type, line.id))
        ]
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return found

    def read_stored(self, record):
        return {
            name: record[name]
            for name, field in record._fields.items()
            if field.store
            and name not in OWN
            and field.type not in RELATIONS
            and field.comodel_name not in ("account.move", "account.move.line")
        } | {"taxes": getattr(record, "tax_ids", None)}

    def test_amounts_are_those_that_odoo_works_out(self):
        runs = self.env.registry["telecom.billing.run.line"]
        for taxes, rounding, grouping in (
            (self.tax, "round_per_line", "entry"),
            (self.tax, "round_globally", "entry"),
            (self.included_tax, "round_per_line", "ticket"),
            (self.included_tax, "round_globally", "entry"),
            (self.tax + self.included_tax, "round_globally", "entry"),
            (self.tax.browse(), "round_per_line", "entry"),
            (self.tax.browse(), "round_globally", "single"),
        ):
            with self.subTest(taxes=taxes.mapped("name"), rounding=rounding, grouping=grouping):
                self.product.taxes_id = taxes
                self.company.tax_calculation_rounding_method = rounding
                ours = self.read_invoices(grouping)
                with (
                    patch.object(runs, "_prepare_amounts", lambda run, charge: {}),
                    patch.object(billing_run_line_invoice, "QUIETLY", {}),
                ):
                    odoo = self.read_invoices(grouping)
                self.assertEqual(ours, odoo)
