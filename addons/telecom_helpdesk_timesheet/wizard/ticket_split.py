from odoo import api, fields, models

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes


class TelecomTicketSplit(models.TransientModel):
    """Time that was spent on what a message is about moves along with it."""

    _inherit = "telecom.ticket.split"

    message_time = fields.Char(
        string="Logged With It", compute="_compute_message_time", help="It moves with the message."
    )
    has_other_time = fields.Boolean(compute="_compute_message_time")
    timesheet_ids = fields.Many2many(
        "account.analytic.line",
        string="Time That Moves Along",
        domain="[('ticket_id', '=', ticket_id), ('message_id', '!=', message_id)]",
    )

    @api.depends("message_id")
    def _compute_message_time(self):
        for wizard in self:
            moved = wizard.ticket_id._find_time_of(wizard.message_id)
            minutes = to_minutes(sum(moved.mapped("unit_amount")))
            wizard.message_time = format_hours(minutes) if minutes else False
            wizard.has_other_time = bool(wizard.ticket_id.sudo().timesheet_ids - moved)

    def _split(self):
        new = super()._split()
        self.timesheet_ids.check_access("read")
        self.ticket_id._move_time(self.timesheet_ids - new.timesheet_ids, new)
        return new
