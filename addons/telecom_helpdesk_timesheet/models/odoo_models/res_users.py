from odoo import api, models
from odoo.exceptions import UserError


class ResUsers(models.Model):
    """Colleagues who logged or approved time, and are to go."""

    _inherit = "res.users"

    def write(self, vals):
        """Odoo archives users by it. Who has left works no longer: their timers pause, and what
        they measured is kept."""
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            timers = self.env["telecom.ticket.timer"].sudo()
            running = timers.search([("user_id", "in", self.ids), ("running_since", "!=", False)])
            running._pause(timers._due_now())
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_time(self):
        entries = self.env["account.analytic.line"].sudo()
        for user in self:
            domain = [("ticket_id", "!=", False)]
            if entries.search_count([*domain, ("user_id", "=", user.id)], limit=1):
                raise UserError(
                    self.env._(
                        "%s logged time on tickets, which stays theirs. Archive the user instead.",
                        user.name,
                    )
                )
            if entries.search_count([*domain, ("approved_by_id", "=", user.id)], limit=1):
                raise UserError(
                    self.env._(
                        "%s approved time on tickets, and it stays known who did. Archive the "
                        "user instead.",
                        user.name,
                    )
                )
