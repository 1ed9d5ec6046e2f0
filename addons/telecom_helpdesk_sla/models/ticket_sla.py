from odoo import fields, models

SLA_STATES = [
    ("none", "No SLA"),
    ("on_track", "On Track"),
    ("warning", "Warning"),
    ("imminent", "Imminent"),
    ("breached", "Breached"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("missed", "Missed"),
]


class TelecomTicket(models.Model):
    """A ticket's promises: which policy, which clocks, and how they stand all in all."""

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
    sla_clock_ids = fields.One2many("telecom.sla.clock", "ticket_id", string="SLA Clocks")
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
