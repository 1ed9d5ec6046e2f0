from odoo import fields, models


class TelecomTicketTimer(models.Model):
    """An agent's stopwatch on a ticket: it runs on the server, whatever the browser does."""

    _name = "telecom.ticket.timer"
    _description = "Ticket Timer"
    _inherit = ["telecom.due.mixin"]
    _order = "id"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_ticket_timer_due"

    ticket_id = fields.Many2one("telecom.ticket", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, ondelete="cascade"
    )
    running_since = fields.Datetime(help="Empty: the timer is paused.")
    segments = fields.Json(help="Work done before the last start: [[from, to], ...] in UTC.")

    _one_for_each = models.UniqueIndex("(user_id, ticket_id)")
    _one_running = models.UniqueIndex(
        "(user_id) WHERE running_since IS NOT NULL", "Another of your timers is running."
    )
