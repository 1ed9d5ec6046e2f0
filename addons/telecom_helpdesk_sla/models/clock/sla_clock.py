from odoo import api, fields, models

METRICS = [
    ("first_response", "First Response"),
    ("next_response", "Next Response"),
    ("resolution", "Resolution"),
]
CLOCK_STATES = [
    ("running", "Running"),
    ("paused", "Paused"),
    ("met", "Met"),
    ("missed", "Breached"),
    ("void", "Void"),
]
# Of what is still promised, from the one that can wait to the worst.
URGENCIES = ("paused", "on_track", "warning", "imminent", "breached")
ALERT_LEVELS = [("0", "None"), ("1", "Warning"), ("2", "Imminent"), ("3", "Breach")]


class TelecomSlaClock(models.Model):
    """How much of a promise is used up, and when it will be.

    A cache of what ``tools/clock.py`` folds out of the logs (transitions, terms, events); it
    can be rebuilt at any time with the same result. One for each ticket and metric; for the
    next response one for each time that the customer waits, and for the first response one more if
    a ticket was reopened that had ended without a reply.
    """

    _name = "telecom.sla.clock"
    _description = "SLA Clock"
    _inherit = ["telecom.guard.mixin", "telecom.due.mixin"]
    _is_software_owned = True
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
    ended_at = fields.Datetime(
        string="Over since",
        help="From then on nobody waited for this answer: the ticket had ended, or the question "
        "went to another one.",
    )
    void_reason = fields.Char(string="Why Void", compute="_compute_void_reason", compute_sudo=True)
    # The most serious alert that was sent under the present terms.
    alert_level = fields.Selection(ALERT_LEVELS, required=True, default="0")

    waived_at = fields.Datetime(string="Waived on", readonly=True)
    waived_by_id = fields.Many2one("res.users", string="Waived by", readonly=True)
    waiver_reason = fields.Text(readonly=True)

    _promise_unique = models.UniqueIndex(
        "(ticket_id, metric, started_at)", "A promise has one clock."
    )
    # What the report asks for first is a period.
    _started_at = models.Index("(started_at)")

    @api.depends("state", "ended_at", "target_seconds", "ticket_id.merged_into_id")
    def _compute_void_reason(self):
        for clock in self:
            if clock.state != "void":
                clock.void_reason = False
            elif clock.ticket_id.merged_into_id:
                clock.void_reason = self.env._("The ticket was merged into another.")
            elif clock.ended_at:
                clock.void_reason = self.env._("Nobody waited for this answer any more.")
            elif not clock.target_seconds:
                clock.void_reason = self.env._("Nothing is promised any more.")
            else:
                clock.void_reason = self.env._("The ticket was cancelled.")

    def _summarize(self, now):
        """How one ticket's clocks stand at ``now``: ``sla_state`` and ``sla_deadline`` of it."""
        rows = self.filtered(lambda row: row.state != "void" and not row.waived_at)
        is_done = rows.ticket_id.is_done
        todo = rows.filtered(lambda row: row._is_open() and not is_done)
        if todo:
            state = max((row._get_urgency(now) for row in todo), key=URGENCIES.index)
        elif rows:
            state = "missed" if any(row.breached_at for row in rows) else "met"
        else:
            state = "none"
        return state, min(filter(None, todo.mapped("deadline")), default=False)

    def _get_urgency(self, now):
        """How a clock that is not reached yet stands at ``now``, one of ``URGENCIES``."""
        if self.breached_at:
            return "breached"
        if not self.running_since:
            return "paused"
        if self.imminent_at and self.imminent_at <= now:
            return "imminent"
        return "warning" if self.warning_at and self.warning_at <= now else "on_track"

    def _is_open(self):
        """Whether somebody still has to do something for the promise."""
        return not (self.reached_at or self.ended_at or self.waived_at or self.state == "void")
