from odoo import fields, models


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "telecom.guard.mixin"]

    support_time_ids = fields.One2many("account.analytic.line", "invoice_line_id", copy=False)
    credited_time_ids = fields.One2many(
        "account.analytic.line", "credited_line_id", string="Freed Time", copy=False
    )
    is_support_time = fields.Boolean(
        readonly=True,
        help="This line bills time on tickets; it goes when the time is free again.",
    )
    # Of a credit note, or an invoice in place of a credited one: what it was copied from.
    support_origin_id = fields.Many2one(
        "account.move.line",
        string="Copied from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    def unlink(self):
        self.sudo().support_time_ids._free_from_invoice()
        return super().unlink()

    def _copy_data_extend_business_fields(self, values):
        super()._copy_data_extend_business_fields(values)
        if self.is_support_time:
            values["support_origin_id"] = self.id

    def _related_analytic_distribution(self):
        """Another account or customer on the line does not change whose time it is."""
        distribution = super()._related_analytic_distribution()
        if self.is_support_time:
            entries = self.sudo().support_time_ids
            return {**distribution, **entries._get_billed_distribution()}
        return distribution
