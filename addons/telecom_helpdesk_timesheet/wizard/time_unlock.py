from odoo import fields, models


class TelecomTimeUnlock(models.TransientModel):
    """Unlock approved time, with a reason."""

    _name = "telecom.time.unlock"
    _description = "Unlock Approved Time"
    _inherit = ["telecom.wizard.mixin"]

    line_ids = fields.Many2many("account.analytic.line", string="Time", required=True)
    note = fields.Text(string="Reason", required=True)

    def action_confirm(self):
        self.ensure_one()
        self.check_access("write")
        return self.line_ids._unlock(self.note)
