import ast

from odoo import api, fields, models

from .company_partner import known_to


class TelecomTicketTeam(models.Model):
    """The team's mail address, which makes tickets.

    The alias is optional: teams that customers do not write to (a third level, field service)
    have none, and no empty row is kept for them.
    """

    _name = "telecom.ticket.team"
    _inherit = ["telecom.ticket.team", "mail.alias.mixin.optional"]

    alias_id = fields.Many2one(
        help="Mails to this address become tickets of the team, and answers leave from it.",
    )

    @api.onchange("alias_name", "company_id")
    def _onchange_alias_name(self):
        domain = self.company_id.sudo().alias_domain_id
        if self.alias_name and (not self.alias_domain_id or self.alias_domain_id.company_ids):
            self.alias_domain_id = domain

    def _alias_get_creation_values(self):
        values = super()._alias_get_creation_values()
        values["alias_model_id"] = self.env["ir.model"]._get_id("telecom.ticket")
        if self.id:
            # The ticket's company follows from its team.
            defaults = ast.literal_eval(self.alias_defaults or "{}")
            values["alias_defaults"] = {**defaults, "team_id": self.id}
            if not self.alias_id:
                values["alias_domain_id"] = self.company_id.alias_domain_id.id
        return values

    def _partner_find_from_emails(self, records_emails, filter_found=None, **kwargs):
        filter_found = known_to(self.sudo().company_id, filter_found)
        return super()._partner_find_from_emails(
            records_emails, filter_found=filter_found, **kwargs
        )
