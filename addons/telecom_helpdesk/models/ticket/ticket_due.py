from odoo import fields, models


class TelecomTicketDue(models.Model):
    """What the scheduler does with a ticket, and when: one row per concern."""

    _name = "telecom.ticket.due"
    _description = "Automatic Step"
    _inherit = ["telecom.due.step.mixin"]
    _rec_name = "kind"
    _due_record = "ticket_id"
    _due_cron = "telecom_helpdesk.ir_cron_ticket_due"

    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade")
    # What is due at the same instant is done in this order.
    kind = fields.Selection(
        [
            ("window", "Maintenance Window"),
            ("rules", "Time Rules"),
            ("distribution", "Choose an Agent"),
            ("close", "Close"),
        ],
        string="Step",
        required=True,
    )

    _once = models.UniqueIndex("(ticket_id, kind)", "A ticket has one row for each kind of step.")


class TelecomTicket(models.Model):
    _inherit = "telecom.ticket"

    due_ids = fields.One2many(
        "telecom.ticket.due", "ticket_id", string="Automatic Steps", readonly=True, copy=False
    )
