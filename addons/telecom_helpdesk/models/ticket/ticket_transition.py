from odoo import fields, models

from .ticket_stage import DONE_STATES, STATES


class TelecomTicketTransition(models.Model):
    """Append-only log of the states that tickets went through.

    It is the source of truth for clocks, time-in-state reports and history. ``at`` is
    the database server's clock (UTC, whole seconds), so that several application
    servers agree. Rows of one ticket are in order by ``at, id``. Nobody but the
    software itself may write here.
    """

    _name = "telecom.ticket.transition"
    _description = "Ticket State Change"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _order = "at, id"
    _rec_name = "state_to"
    _log_access = False

    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade")
    state_from = fields.Selection(STATES)
    state_to = fields.Selection(STATES, required=True)
    at = fields.Datetime(required=True)
    user_id = fields.Many2one("res.users", string="Who")
    reason = fields.Char()
    company_id = fields.Many2one(related="ticket_id.company_id")

    _ticket_at = models.Index("(ticket_id, at)")
    _at = models.Index("(at)")

    def _filter_reopened(self):
        """Those by which a ticket that was done is taken up again."""
        return self.filtered(
            lambda row: row.state_from in DONE_STATES and row.state_to not in DONE_STATES
        )
