from odoo import fields, models


class TelecomTimeReject(models.TransientModel):
    """Reject time, with a reason."""

    _name = "telecom.time.reject"
    _description = "Reject Time"
    _inherit = ["telecom.wizard.mixin"]

    line_ids = fields.Many2many("account.analytic.line", string="Time", required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        return self.line_ids._reject(self.reason)
