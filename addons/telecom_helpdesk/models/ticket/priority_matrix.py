from odoo import api, fields, models, tools

from ..registry.tier import PRIORITIES
from .ticket_priority import IMPACTS


class TelecomPriorityMatrix(models.Model):
    """Which priority impact and urgency propose: a row for each impact, a column for each
    urgency."""

    _name = "telecom.priority.matrix"
    _description = "Priority Matrix"
    _inherit = ["telecom.guard.mixin", "telecom.cached.mixin"]
    _is_shared = True
    _order = "sequence"
    _rec_name = "impact"

    sequence = fields.Integer(required=True)
    impact = fields.Selection(IMPACTS, required=True, readonly=True)
    priority_low = fields.Selection(PRIORITIES, string="Low Urgency", required=True)
    priority_medium = fields.Selection(PRIORITIES, string="Medium Urgency", required=True)
    priority_high = fields.Selection(PRIORITIES, string="High Urgency", required=True)

    _impact_unique = models.UniqueIndex("(impact)", "Each impact has one row.")

    @api.model
    @tools.ormcache()
    def _get_proposals(self):
        """The matrix as ``{(impact, urgency): priority}``."""
        return {
            (row.impact, urgency): row[f"priority_{urgency}"]
            for row in self.sudo().search([])
            for urgency in ("low", "medium", "high")
        }
