from odoo import fields, models


class AccountAnalyticLine(models.Model):
    """Hours that the contract includes are used up first."""

    _inherit = "account.analytic.line"

    included_hours = fields.Float(
        string="Included",
        readonly=True,
        copy=False,
        help="Part of the time to bill that the contract's hours cover.",
    )
