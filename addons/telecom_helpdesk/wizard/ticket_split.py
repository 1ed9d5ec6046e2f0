from odoo import api, fields, models


class TelecomTicketSplit(models.TransientModel):
    """Split a message off into a new ticket: its subject, team and category."""

    _name = "telecom.ticket.split"
    _description = "Split Ticket"
    _inherit = ["telecom.wizard.mixin"]

    message_id = fields.Many2one("mail.message", required=True, ondelete="cascade")
    ticket_id = fields.Many2one("telecom.ticket", compute="_compute_ticket_id")
    company_id = fields.Many2one(related="ticket_id.company_id")
    preview = fields.Html(related="message_id.body", string="Text")
    name = fields.Char(
        string="Subject", compute="_compute_values", store=True, readonly=False, required=True
    )
    team_id = fields.Many2one(
        "telecom.ticket.team", compute="_compute_values", store=True, readonly=False
    )
    category_id = fields.Many2one(
        "telecom.ticket.category", compute="_compute_values", store=True, readonly=False
    )

    @api.depends("message_id")
    def _compute_ticket_id(self):
        for wizard in self:
            is_tickets = wizard.message_id.model == "telecom.ticket"
            wizard.ticket_id = is_tickets and wizard.message_id.res_id

    @api.depends("message_id")
    def _compute_values(self):
        for wizard in self:
            ticket = wizard.ticket_id
            wizard.name = ticket and ticket._get_split_subject(wizard.message_id)
            wizard.team_id = ticket.team_id._get_current()
            wizard.category_id = ticket.category_id.filtered("active")

    def action_split(self):
        self.ensure_one()
        return self._split().get_formview_action()

    def _split(self):
        """Hook: make the new ticket; whoever has more move along with the message does it here.

        :return: the new ticket
        """
        return self.ticket_id._split(
            self.message_id,
            {"name": self.name, "team_id": self.team_id.id, "category_id": self.category_id.id},
        )
