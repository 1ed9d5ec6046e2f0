from odoo import api, fields, models


class TelecomTicketQuestion(models.TransientModel):
    """Confirmation before an action on some tickets."""

    _name = "telecom.ticket.question"
    _description = "Question About Tickets"
    _inherit = ["telecom.wizard.mixin"]
    _is_software_owned = True

    operation = fields.Selection(
        [("take", "Take"), ("resolve", "Resolve"), ("close", "Close")], required=True
    )
    ticket_ids = fields.Many2many("telecom.ticket", string="Tickets", required=True)
    other_ids = fields.Many2many(
        "telecom.ticket",
        "telecom_ticket_question_other_rel",
        string="Other Tickets",
        help="Tickets in the selection that need no confirmation.",
    )
    done = fields.Text(help="What became of the rest of the selection.")
    question = fields.Text(compute="_compute_question")

    @api.depends("operation", "ticket_ids", "other_ids")
    def _compute_question(self):
        for wizard in self:
            tickets = wizard.ticket_ids._filtered_access("read")
            if wizard.operation == "take":
                wizard.question = tickets._describe_assignees()
            else:
                wizard.question = tickets._describe_unanswered(len(tickets + wizard.other_ids))

    def action_go_on(self):
        """Do it with all of the tickets."""
        self.ensure_one()
        return (self.ticket_ids + self.other_ids)._go_on(self.operation)

    def action_only_others(self):
        """Do it with those that there is nothing to ask about."""
        self.ensure_one()
        return self.other_ids._go_on(self.operation)
