from odoo import api, fields, models


class TelecomSlaEvent(models.Model):
    """Append-only log of what response clocks start from and end with.

    A question is asked while the ticket is open, and over at its end. States are in
    ``telecom.ticket.transition``, promises in ``telecom.sla.term``. The three logs give every
    clock back.
    """

    _name = "telecom.sla.event"
    _description = "SLA Event of a Ticket"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _order = "at, id"
    _rec_name = "kind"
    _log_access = False

    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade")
    at = fields.Datetime(required=True)
    kind = fields.Selection(
        [
            ("asked", "The customer waits for an answer"),
            ("answered", "An agent answered"),
            ("withdrawn", "The question went to another ticket"),
        ],
        required=True,
    )

    _ticket_at = models.Index("(ticket_id, at)")

    @api.model
    def _log(self, ticket, at, kind):
        self.sudo().create({"ticket_id": ticket.id, "at": at, "kind": kind})
