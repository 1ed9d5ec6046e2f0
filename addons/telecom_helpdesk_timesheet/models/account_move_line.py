from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    support_time_ids = fields.One2many(
        "account.analytic.line", "invoice_line_id", string="Support Time", copy=False
    )
    is_support_time = fields.Boolean(
        readonly=True,
        help="This line bills time on tickets; it goes when the time is free again.",
    )

    def unlink(self):
        self.sudo().support_time_ids._free_from_invoice()
        return super().unlink()
