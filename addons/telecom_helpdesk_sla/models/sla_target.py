from odoo import api, fields, models

from odoo.addons.telecom_helpdesk.models.tier import PRIORITIES


class TelecomSlaTarget(models.Model):
    """Hours that a policy promises for one priority. 0 hours: nothing is promised."""

    _name = "telecom.sla.target"
    _description = "SLA Target"
    _inherit = ["telecom.cached.mixin"]
    _order = "policy_id, priority desc"

    policy_id = fields.Many2one("telecom.sla.policy", required=True, ondelete="cascade", index=True)
    priority = fields.Selection(PRIORITIES, required=True)
    first_response_hours = fields.Float(string="First Response")
    next_response_hours = fields.Float(string="Next Response")
    resolution_hours = fields.Float(string="Resolution")
    is_always = fields.Boolean(
        string="24x7", help="Time runs around the clock, whatever the policy's working hours."
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Own Working Hours",
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: those of the policy.",
    )

    _priority_unique = models.UniqueIndex(
        "(policy_id, priority)", "A policy has one line for each priority."
    )

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets.policy_id.filtered("active")._plan_open_tickets()
        return targets

    def write(self, vals):
        result = super().write(vals)
        self.policy_id.filtered("active")._plan_open_tickets()
        return result

    def unlink(self):
        policies = self.policy_id.filtered("active")
        result = super().unlink()
        policies._plan_open_tickets()
        return result
