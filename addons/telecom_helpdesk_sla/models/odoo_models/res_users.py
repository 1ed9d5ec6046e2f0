from odoo import models
from odoo.fields import Domain

from ..ticket.ticket_sla_activity import ACTIVITY_TYPE


class ResUsers(models.Model):
    _inherit = "res.users"

    def _get_passed_on_domain(self):
        # Deadlines: ``_refresh_sla_activities`` sees to it that somebody has them.
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE)
        return super()._get_passed_on_domain() & Domain("activity_type_id", "!=", type_id)
