from odoo import fields, models

METRICS = [
    ("first_response", "First Response"),
    ("next_response", "Next Response"),
    ("resolution", "Resolution"),
]
CLOCK_STATES = [
    ("running", "Running"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("missed", "Missed"),
    ("void", "Void"),
]
ALERT_LEVELS = [("0", "None"), ("1", "Warning"), ("2", "Imminent"), ("3", "Breach")]


class TelecomSlaClock(models.Model):
    """How much of a promise is used up, and when it will be.

    A cache of what ``tools/clock.py`` folds out of the logs (transitions, terms, events); it
    can be rebuilt at any time with the same result. One for each ticket and metric; for the
    next response one for each time that the customer waits.
    """

    _name = "telecom.sla.clock"
    _description = "SLA Clock"
    _inherit = ["telecom.due.mixin"]
    _order = "ticket_id, started_at, id"
    _rec_name = "metric"
    _due_cron = "telecom_helpdesk_sla.ir_cron_sla_clock_due"

    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade", index=True)
    metric = fields.Selection(METRICS, required=True)
    term_id = fields.Many2one(
        "telecom.sla.term", string="Terms", required=True, ondelete="cascade", index=True
    )
    policy_id = fields.Many2one("telecom.sla.policy", ondelete="restrict", index=True)
    target_seconds = fields.Integer(string="Target (s)")
    started_at = fields.Datetime(required=True, string="Started on")
    consumed_seconds = fields.Integer(
        string="Used (s)", help="Working time used up to the instant from which it now runs."
    )
    running_since = fields.Datetime(help="Empty while time stands still.")
    state = fields.Selection(CLOCK_STATES, required=True, default="running")
    # First instant at which the target's working time is used up; empty while paused.
    deadline = fields.Datetime()
    warning_at = fields.Datetime()
    imminent_at = fields.Datetime()
    reached_at = fields.Datetime(string="Reached on")
    breached_at = fields.Datetime(string="Breached on")
    # The most serious alert that was sent under the present terms.
    alert_level = fields.Selection(ALERT_LEVELS, required=True, default="0")

    waived_at = fields.Datetime(string="Waived on", readonly=True)
    waived_by_id = fields.Many2one("res.users", string="Waived by", readonly=True)
    waiver_reason = fields.Text(readonly=True)

    _promise_unique = models.UniqueIndex(
        "(ticket_id, metric, started_at)", "A promise has one clock."
    )
