from odoo import fields, models

from ..clock.sla_clock_store import CLOCK_FIELDS

SLA_STATES = [
    ("none", "No SLA"),
    ("on_track", "On Track"),
    ("warning", "Warning"),
    ("imminent", "Imminent"),
    ("breached", "Breached"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("missed", "Completed Late"),
]


class TelecomTicket(models.Model):
    """A ticket's SLA: policy, clocks, and the overall status."""

    _inherit = "telecom.ticket"

    sla_term_id = fields.Many2one(
        "telecom.sla.term", string="SLA Terms", readonly=True, copy=False, index="btree_not_null"
    )
    sla_policy_id = fields.Many2one(
        "telecom.sla.policy",
        string="SLA Policy",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    sla_clock_ids = fields.One2many(
        "telecom.sla.clock", "ticket_id", string="SLA Clocks", readonly=True
    )
    sla_term_ids = fields.One2many(
        "telecom.sla.term", "ticket_id", string="Terms So Far", readonly=True
    )
    sla_alert_ids = fields.One2many(
        "telecom.sla.alert", "ticket_id", string="SLA Alerts", readonly=True
    )
    sla_deadline = fields.Datetime(
        string="SLA Deadline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The nearest deadline of what is still promised.",
    )
    sla_state = fields.Selection(
        SLA_STATES, string="SLA", default="none", required=True, readonly=True, copy=False
    )

    def _get_sla_clocks(self):
        """Rows (telecom.sla.clock) of these tickets, with all that a step reads, in one query."""
        return (
            self.env["telecom.sla.clock"]
            .sudo()
            .search_fetch([("ticket_id", "in", self.ids)], CLOCK_FIELDS)
        )

    def _step_sla(self, step, states=None, rows=None, because="other"):
        """Take every clock of these tickets one step on.

        :param step: function of (ticket, ``Clock``) that returns the next ``Clock``
        :param states: ``{ticket id: state}`` before the step, where it is not the present one
        :param rows: their clocks, where they are at hand
        :param because: why alerts may be late, one of ``LATE_REASONS``
        """
        rows = self._get_sla_clocks() if rows is None else rows
        clocks = {}
        for row in rows:
            ticket = row.ticket_id
            state = states[ticket.id] if states else ticket.state
            clocks[row.id] = step(ticket, row._get_clock(state))
        rows._save(clocks, because)
        self._update_sla(rows)

    def _advance_sla(self, now):
        """Time has passed up to ``now``: what ran out is missed."""
        tickets = self.sudo()
        tickets._update_sla(tickets._get_sla_clocks()._advance(now))

    def _update_sla(self, rows=None):
        """Update the overall SLA status.

        :param rows: all clocks (telecom.sla.clock) of these tickets, where they are at hand
        """
        rows = self._get_sla_clocks() if rows is None else rows
        rows_of, now = rows.grouped("ticket_id"), self._due_now()
        by_values = {}
        for ticket in self:
            values = rows_of.get(ticket, rows.browse())._summarize(now)
            if values != (ticket.sla_state, ticket.sla_deadline):
                by_values.setdefault(values, []).append(ticket.id)
        for (state, deadline), ids in by_values.items():
            changed = self.browse(ids).sudo()
            changed._write_due({"sla_state": state, "sla_deadline": deadline})
            if not self._due_fields().isdisjoint(("sla_state", "sla_deadline")):
                changed._plan_due()
