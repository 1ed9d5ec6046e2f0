from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command


class TelecomTicket(models.Model):
    """A fault declared twice becomes one incident; other tickets are linked, not merged."""

    _inherit = "telecom.ticket"

    def _check_incidents_mergeable(self, target):
        for ticket in self:
            if ticket.incident_kind != target.incident_kind:
                raise UserError(
                    self.env._(
                        "A major incident cannot be merged with a customer's ticket. Link "
                        "%(ticket)s to %(incident)s instead.",
                        ticket=(target if ticket.incident_kind else ticket).number,
                        incident=(ticket if ticket.incident_kind else target).number,
                    )
                )

    def _merge_incidents(self, target):
        """What customers were told goes along, before the tickets are linked to ``target``."""
        updates = self.env["telecom.incident.update"].search([("incident_id", "in", self.ids)])
        updates.sudo().incident_id = target
        for name in ("affected_service_ids", "affected_site_ids"):
            if missing := self[name] - target[name]:
                target[name] = [Command.link(record.id) for record in missing]
