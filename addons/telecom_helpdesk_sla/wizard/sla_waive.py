from odoo import fields, models


class TelecomSlaWaive(models.TransientModel):
    """Waive a breached promise, with a reason."""

    _name = "telecom.sla.waive"
    _description = "Waive SLA Breach"
    _inherit = ["telecom.wizard.mixin"]

    clock_ids = fields.Many2many("telecom.sla.clock", string="Breached", required=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.clock_ids._waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
