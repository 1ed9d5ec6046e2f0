from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _name = "res.config.settings"
    _inherit = ["res.config.settings", "telecom.guard.mixin"]

    telecom_tie_new_tickets = fields.Selection(
        related="company_id.telecom_tie_new_tickets", readonly=False
    )
    telecom_leaver_tickets = fields.Selection(
        related="company_id.telecom_leaver_tickets", readonly=False
    )
