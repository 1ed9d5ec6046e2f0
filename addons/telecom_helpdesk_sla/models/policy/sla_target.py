from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.telecom_helpdesk.models.registry.tier import PRIORITIES


class TelecomSlaTarget(models.Model):
    """Hours that a policy promises for one priority. 0 hours: nothing is promised."""

    _name = "telecom.sla.target"
    _description = "SLA Target"
    _inherit = ["telecom.guard.mixin", "telecom.cached.mixin"]
    _is_shared = True
    _order = "policy_id, priority desc"
    _rec_name = "priority"

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
        domain="[('company_id', 'in', (False, company_id))] if company_id else []",
        help="Empty: those of the policy.",
    )
    company_id = fields.Many2one(related="policy_id.company_id")

    _priority_unique = models.UniqueIndex(
        "(policy_id, priority)", "A policy has one line for each priority."
    )
    _hours_positive = models.Constraint(
        "CHECK (first_response_hours >= 0 AND next_response_hours >= 0 AND resolution_hours >= 0)",
        "A number of hours cannot be negative.",
    )

    @api.constrains("first_response_hours", "next_response_hours", "resolution_hours")
    def _check_promises(self):
        for target in self:
            resolution = target.resolution_hours
            responses = (target.first_response_hours, target.next_response_hours)
            if not resolution and not any(responses):
                raise ValidationError(
                    self.env._(
                        "Nothing is promised for the priority %(priority)s in “%(policy)s”. Give "
                        "at least one time, or remove the line.",
                        **target._get_names(),
                    )
                )
            if resolution and max(responses) > resolution:
                raise ValidationError(
                    self.env._(
                        "“%(policy)s” answers later than it solves: for the priority "
                        "%(priority)s, a response must not take longer than the resolution.",
                        **target._get_names(),
                    )
                )

    @api.constrains("calendar_id", "is_always")
    def _check_hours(self):
        for target in self.filtered(lambda target: not target.is_always):
            target.sudo().calendar_id._check_has_hours(target.policy_id._get_purpose())
        self.policy_id._check_companies()

    @api.onchange("is_always")
    def _onchange_is_always(self):
        if self.is_always:
            self.calendar_id = False

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

    def _get_names(self):
        labels = dict(self._fields["priority"]._description_selection(self.env))
        return {"policy": self.policy_id.name, "priority": labels[self.priority]}
