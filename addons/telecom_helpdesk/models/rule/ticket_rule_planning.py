from odoo import api, models

from ..mixins.planning_mixin import UNPLANNED_FIELDS

# Fields that do not affect when a rule fires.
UNTIMED_FIELDS = UNPLANNED_FIELDS | {"sequence", "error"}


class TelecomTicketRule(models.Model):
    """Planning: when a time rule changes, the open tickets are replanned in the background."""

    _inherit = "telecom.ticket.rule"
    _planning_cron = "telecom_helpdesk.ir_cron_rule_planning"

    def _get_time_rules(self):
        return self.filtered(lambda rule: rule.trigger == "on_time")

    def _plan_after_write(self, vals, former):
        """Plan for those of these rules that are time rules, or were (``former``)."""
        if vals.keys() - UNTIMED_FIELDS:
            (former | self._get_time_rules())._plan_open_tickets()

    def _plan_tickets(self, tickets):
        tickets._plan_due()

    @api.model
    def _plan_for_working_time(self):
        """Working hours or holidays changed: plan for the rules that go by them."""
        self.sudo().search(
            [("trigger", "=", "on_time"), ("in_working_time", "=", True)]
        )._plan_open_tickets()
