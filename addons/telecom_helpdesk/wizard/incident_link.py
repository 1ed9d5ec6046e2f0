from odoo import api, fields, models
from odoo.exceptions import UserError


class TelecomIncidentLink(models.TransientModel):
    """Link a selection of tickets to one major incident."""

    _name = "telecom.incident.link"
    _description = "Link Tickets to a Major Incident"
    _inherit = ["telecom.wizard.mixin"]

    ticket_ids = fields.Many2many(
        "telecom.ticket",
        "telecom_incident_link_ticket_rel",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id")
    incident_id = fields.Many2one(
        "telecom.ticket",
        string="Major Incident",
        required=True,
        domain="[('incident_kind', '!=', False), ('is_done', '=', False),"
        " ('company_id', '=', company_id)]",
    )
    ticket_count = fields.Integer(string="Tickets", compute="_compute_ticket_count")
    left_out_count = fields.Integer(string="Left Out", compute="_compute_ticket_count")

    @api.depends("ticket_ids")
    def _compute_company_id(self):
        for wizard in self:
            tickets = wizard.ticket_ids._origin._filtered_access("read")
            wizard.company_id = tickets[:1].company_id or self.env.company

    @api.depends("ticket_ids", "company_id")
    def _compute_ticket_count(self):
        for wizard in self:
            wizard.ticket_count = len(wizard._get_tickets())
            wizard.left_out_count = len(wizard.ticket_ids) - wizard.ticket_count

    def _get_tickets(self):
        """Tickets of the selection that can be linked: open, and no incidents themselves."""
        return self.ticket_ids._origin._filtered_access("read").filtered(
            lambda ticket: (
                not (ticket.is_done or ticket.incident_kind or ticket.merged_into_id)
                and ticket.company_id == self.company_id
            )
        )

    def action_link_to_incident(self):
        self.ensure_one()
        incident = self.incident_id
        incident.check_access("read")
        if not incident.incident_kind or incident.company_id != self.company_id:
            raise UserError(self.env._("Choose a major incident of the tickets' company."))
        self._get_tickets().parent_id = self.incident_id
        return self.incident_id._get_incident_action()
