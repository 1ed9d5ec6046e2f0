from odoo import fields, models


class AccountAnalyticLine(models.Model):
    """From approved time to the line of an invoice, and back."""

    _inherit = "account.analytic.line"

    invoice_line_id = fields.Many2one(
        "account.move.line",
        string="Invoice Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    invoice_id = fields.Many2one(related="invoice_line_id.move_id", string="Invoice")
