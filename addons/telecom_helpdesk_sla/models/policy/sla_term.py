from odoo import api, fields, models

from odoo.addons.telecom_helpdesk.models.registry.tier import PRIORITIES

from ...tools.clock import Terms
from ...tools.worktime import ROUND_THE_CLOCK

METRIC_NAMES = ("first_response", "next_response", "resolution")


class TelecomSlaTerm(models.Model):
    """Append-only log of what was promised for a ticket, from when on.

    Figures are copied from the policy: what was promised stays readable whatever becomes of
    it. The first terms of a ticket hold from its creation, later ones from ``at`` on (UTC,
    whole seconds, the database server's clock). Rows of one ticket are in order by ``at, id``.
    """

    _name = "telecom.sla.term"
    _description = "SLA Terms of a Ticket"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _order = "at, id"
    _rec_name = "policy_id"
    _log_access = False

    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade")
    at = fields.Datetime(required=True)
    policy_id = fields.Many2one(
        "telecom.sla.policy", ondelete="restrict", index=True, help="Empty: none applies."
    )
    priority = fields.Selection(PRIORITIES)
    calendar_id = fields.Many2one(
        "resource.calendar", ondelete="restrict", index="btree_not_null", help="Empty: 24x7."
    )
    company_id = fields.Many2one("res.company", help="Whose days off count.")
    # 0: nothing is promised.
    first_response_seconds = fields.Integer()
    next_response_seconds = fields.Integer()
    resolution_seconds = fields.Integer()
    pause_on_third_party = fields.Boolean()
    warn_percent = fields.Integer()
    imminent_seconds = fields.Integer()
    # Alerts that fell due before these terms were agreed are not sent.
    is_quiet = fields.Boolean()
    reason = fields.Char()

    first_response_hours = fields.Float(string="First Response", compute="_compute_hours")
    next_response_hours = fields.Float(string="Next Response", compute="_compute_hours")
    resolution_hours = fields.Float(string="Resolution", compute="_compute_hours")

    _ticket_at = models.Index("(ticket_id, at)")

    @api.depends(*(f"{metric}_seconds" for metric in METRIC_NAMES))
    def _compute_hours(self):
        for term in self:
            for metric in METRIC_NAMES:
                term[f"{metric}_hours"] = term[f"{metric}_seconds"] / 3600

    def _differs_from(self, values):
        """Whether ``values`` (see ``telecom.sla.policy._match``) promise something else.

        No terms so far (an empty ``self``) are like terms without a policy.
        """
        present = {name: self[name] for name in values}
        for name in ("policy_id", "calendar_id", "company_id"):
            present[name] = present[name].id
        return present != values

    def _get_terms(self):
        """What these terms (one row or none) promise: ``{metric: tools.clock.Terms}``."""
        hours = ROUND_THE_CLOCK
        if self.calendar_id:
            hours = self.calendar_id._get_hours(self.company_id)
        return {
            metric: Terms(
                target=self[f"{metric}_seconds"],
                hours=hours,
                pause_on_third_party=self.pause_on_third_party,
                warn_percent=self.warn_percent,
                imminent=self.imminent_seconds,
                key=self,
            )
            for metric in METRIC_NAMES
        }
