from odoo import fields, models


class TelecomSlaWaive(models.TransientModel):
    """Why a missed promise is not to count."""

    _name = "telecom.sla.waive"
    _description = "Waive Missed SLA"
    _inherit = ["telecom.wizard.mixin"]

    clock_ids = fields.Many2many("telecom.sla.clock", string="Missed", required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.clock_ids._waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
