from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    telecom_team_ids = fields.Many2many(
        "telecom.ticket.team",
        "telecom_ticket_team_member_rel",
        "user_id",
        "team_id",
        string="Helpdesk Teams",
    )

    @api.model
    def _get_invalidation_fields(self):
        # Odoo keeps a user's record rules, and those of agents hold the ids of their teams.
        return super()._get_invalidation_fields() | {"telecom_team_ids"}
