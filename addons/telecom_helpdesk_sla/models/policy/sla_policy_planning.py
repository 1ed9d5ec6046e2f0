from odoo import api, models

from odoo.addons.telecom_helpdesk.models.mixins.planning_mixin import UNPLANNED_FIELDS


class TelecomSlaPolicy(models.Model):
    """Planning: open tickets follow a policy that changes, and the hours that it counts by."""

    _inherit = "telecom.sla.policy"
    _planning_cron = "telecom_helpdesk_sla.ir_cron_sla_policy_planning"

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies.filtered("active")._plan_open_tickets()
        return policies

    def write(self, vals):
        active = self.filtered("active")
        result = super().write(vals)
        if vals.keys() - UNPLANNED_FIELDS - {"notify_collaborators"}:
            (active | self.filtered("active"))._plan_open_tickets()
        return result

    def _plan_tickets(self, tickets):
        tickets = tickets.sudo()
        tickets._follow_sla(
            tickets.filtered(
                lambda ticket: ticket._has_other_hours() and ticket.sla_term_ids.policy_id & self
            )
        )
