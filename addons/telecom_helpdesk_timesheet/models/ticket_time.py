from odoo import fields, models


class TelecomTicket(models.Model):
    """Time spent on a ticket."""

    _inherit = "telecom.ticket"

    timesheet_ids = fields.One2many("account.analytic.line", "ticket_id", string="Time")
