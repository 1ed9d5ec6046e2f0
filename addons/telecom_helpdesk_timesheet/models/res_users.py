from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            # Who has left works no longer; what was measured is kept for who knows.
            timers = self.env["telecom.ticket.timer"].sudo()
            running = timers.search([("user_id", "in", self.ids), ("running_since", "!=", False)])
            running._pause(timers._due_now())
        return result
