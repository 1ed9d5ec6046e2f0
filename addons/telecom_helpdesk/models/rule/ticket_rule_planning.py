from odoo import api, models

from ..mixins.planning_mixin import UNPLANNED_FIELDS

# What a change of does not change when a rule fires.
UNTIMED_FIELDS = UNPLANNED_FIELDS | {"sequence", "error"}


class TelecomTicketRule(models.Model):
    """Planning: a time rule that changes plans the open tickets anew, in the background."""

    _inherit = "telecom.ticket.rule"
    _planning_cron = "telecom_helpdesk.ir_cron_rule_planning"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules.filtered(lambda rule: rule.active and rule.trigger == "on_time")._plan_open_tickets()
        return rules

    def write(self, vals):
        timed = self.filtered(lambda rule: rule.trigger == "on_time")
        result = super().write(vals)
        if vals.keys() - UNTIMED_FIELDS:
            (timed | self.filtered(lambda rule: rule.trigger == "on_time"))._plan_open_tickets()
        return result

    def _plan_tickets(self, tickets):
        tickets._plan_due()

    @api.model
    def _plan_for_working_time(self):
        """Working hours or holidays changed: plan for the rules that go by them."""
        self.sudo().search(
            [("trigger", "=", "on_time"), ("in_working_time", "=", True)]
        )._plan_open_tickets()
