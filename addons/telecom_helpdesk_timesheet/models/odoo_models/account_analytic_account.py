from odoo import models


class AccountAnalyticAccount(models.Model):
    """Of a day with one entry, the sum is that entry's cost."""

    _name = "account.analytic.account"
    _inherit = ["account.analytic.account", "telecom.cost.mixin"]
    _cost_fields = frozenset({"balance", "credit", "debit"})
