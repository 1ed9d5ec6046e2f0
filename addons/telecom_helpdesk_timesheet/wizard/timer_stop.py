from odoo import api, fields, models

from ..tools.hours import to_minutes


class TelecomTimerStop(models.TransientModel):
    """A timer is stopped: what was done, and how long it took after all."""

    _name = "telecom.timer.stop"
    _description = "Stop Timer"

    ticket_id = fields.Many2one("telecom.ticket", required=True, readonly=True)
    hours = fields.Float(
        string="Time",
        required=True,
        compute="_compute_from_ticket",
        store=True,
        readonly=False,
        precompute=True,
    )
    name = fields.Char(string="What Was Done")
    billable = fields.Boolean(
        compute="_compute_from_ticket", store=True, readonly=False, precompute=True
    )

    @api.depends("ticket_id")
    def _compute_from_ticket(self):
        for wizard in self:
            ticket = wizard.ticket_id
            wizard.hours = ticket._get_timer_hours() if ticket else 0
            line = self.env["account.analytic.line"].new(
                {"ticket_id": ticket.id, "company_id": ticket.company_id.id}
            )
            wizard.billable = bool(ticket) and line._default_billable()[line.id]

    def action_log(self):
        """Log the time, and end the timer."""
        self.ensure_one()
        self.ticket_id._log_timer(to_minutes(self.hours), self.name or "", billable=self.billable)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_discard(self):
        """End the timer without logging anything."""
        self.ensure_one()
        self.ticket_id.action_timer_discard()
        return {"type": "ir.actions.act_window_close"}
