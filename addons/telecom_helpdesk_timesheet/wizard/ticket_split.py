from odoo import api, fields, models


class TelecomTicketSplit(models.TransientModel):
    """Time that goes to the new ticket with the message."""

    _inherit = "telecom.ticket.split"

    available_timesheet_ids = fields.Many2many(
        "account.analytic.line", compute="_compute_available_timesheet_ids"
    )
    timesheet_ids = fields.Many2many(
        "account.analytic.line",
        string="Time to Move",
        compute="_compute_timesheet_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', available_timesheet_ids)]",
    )

    @api.depends("ticket_id")
    def _compute_available_timesheet_ids(self):
        for wizard in self:
            wizard.available_timesheet_ids = wizard.ticket_id.timesheet_ids

    @api.depends("message_id")
    def _compute_timesheet_ids(self):
        for wizard in self:
            wizard.timesheet_ids = wizard.ticket_id.timesheet_ids.filtered(
                lambda line, message=wizard.message_id: line.message_id == message
            )

    def action_split(self):
        lines = self.timesheet_ids & self.ticket_id.timesheet_ids
        action = super().action_split()
        lines.sudo()._move_to_ticket(self.env["telecom.ticket"].browse(action["res_id"]))
        return action
