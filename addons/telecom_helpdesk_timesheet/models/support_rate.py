from odoo import fields, models


class TelecomSupportRate(models.Model):
    """What an hour of support is billed as: for whom, in which hours, at least how long."""

    _name = "telecom.support.rate"
    _description = "Support Rate"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
