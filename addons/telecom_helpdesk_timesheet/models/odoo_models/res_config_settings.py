from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    telecom_support_project_id = fields.Many2one(
        related="company_id.telecom_support_project_id", readonly=False
    )
    telecom_approve_own_time = fields.Boolean(
        related="company_id.telecom_approve_own_time", readonly=False
    )
