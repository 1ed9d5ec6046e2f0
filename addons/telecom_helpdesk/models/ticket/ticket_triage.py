from odoo import models


class TelecomTicket(models.Model):
    """Automatic decisions about a new ticket."""

    _inherit = "telecom.ticket"

    def _triage(self):
        """Take new tickets through every automatic decision, as the software's own work.

        The order matters: rules see the incident that a ticket belongs to, and the agent is
        chosen last, in the team that rules have routed it to.
        """
        tickets = self.sudo()
        tickets._link_to_incidents()
        tickets._apply_creation_rules()
        tickets._plan_distribution()
        tickets._make_promises()
        tickets._plan_due()

    def _make_promises(self):
        """Hook: apply SLA policies to new tickets, as they now are."""
