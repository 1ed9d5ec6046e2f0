from odoo import fields, models


class TelecomContract(models.Model):
    """Hours that a contract includes, by period."""

    _inherit = "telecom.contract"

    period_ids = fields.One2many("telecom.contract.period", "contract_id", string="Included Hours")
