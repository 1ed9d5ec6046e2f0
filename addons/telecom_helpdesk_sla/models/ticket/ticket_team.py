from odoo import api, models
from odoo.fields import Domain


class TelecomTicketTeam(models.Model):
    _inherit = "telecom.ticket.team"

    @api.model
    def _get_moved_fields(self):
        return {**super()._get_moved_fields(), "telecom.sla.policy": ("team_ids", Domain.TRUE)}
