from odoo import models


class TelecomTicket(models.Model):
    """What the desk decides by itself about a ticket that has just come in."""

    _inherit = "telecom.ticket"

    def _triage(self):
        """Take new tickets through every automatic decision, as the software's own work.

        The order matters: rules see the incident that a ticket belongs to, and the agent is
        chosen last, in the team that rules have routed it to.
        """
        tickets = self.sudo()
        tickets._tie_to_incidents()
        tickets._apply_creation_rules()
        tickets._plan_distribution()
        tickets._make_promises()
        tickets._plan_due()

    def _make_promises(self):
        """Hook: promise what new tickets are promised, as they now are."""
