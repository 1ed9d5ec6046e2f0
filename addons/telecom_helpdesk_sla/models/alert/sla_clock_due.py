from odoo import fields, models

from .sla_alert import LATE_AFTER, LATE_REASONS

# Kind of alert, its level and the clock's instant at which it falls due, mildest first.
KINDS = (
    ("warning", "1", "warning_at"),
    ("imminent", "2", "imminent_at"),
    ("breach", "3", "deadline"),
)


class TelecomSlaClock(models.Model):
    """When alerts about a promise are due, and sending each of them once."""

    _inherit = "telecom.sla.clock"
    _due_together = True
    _due_locks = ("ticket_id",)

    # Where an alert was planned that was due already: when, and why not before.
    planned_late_at = fields.Datetime(string="Planned Too Late on")
    planned_late_because = fields.Selection(LATE_REASONS, string="Reason for Late Planning")

    def _get_pending_alerts(self):
        """Alerts not sent yet: list of (kind, instant), mildest first. A breach stays in it until
        it is sent, even if the ticket was resolved meanwhile.
        """
        # A deadline that lies beyond the calendar's years is none.
        if self.state not in ("running", "missed") or self.waived_at or not self.deadline:
            return []
        is_quiet = self.term_id.is_quiet
        return [
            (kind, self[name])
            for kind, level, name in KINDS
            if level > self.alert_level
            and self[name]
            and not (is_quiet and self[name] <= self.term_id.at)
            # 0 minutes before the deadline, or 100 %: the breach says it all.
            and (kind == "breach" or self[name] < self.deadline)
        ]

    def _get_next_due(self):
        instants = [at for _kind, at in self._get_pending_alerts()]
        if not self.ticket_id.active:
            # Archived ticket: nobody is notified, only the breach is recorded.
            instants = () if self.breached_at else instants[-1:]
        return min(filter(None, (super()._get_next_due(), *instants)), default=False)

    def _plan_due(self, because="other"):
        """What is planned may be due already: note why it was not planned before.

        :param because: one of ``LATE_REASONS``
        """
        before = {clock: clock.next_due_at for clock in self}
        super()._plan_due()
        planned = self.filtered(lambda clock: clock.next_due_at != before[clock])
        planned._note_late_plan(because)

    def _note_late_plan(self, because):
        now = self._due_now()
        late = self.filtered(lambda clock: clock.next_due_at and clock.next_due_at < now)
        late._write_due({"planned_late_at": now, "planned_late_because": because})

    def _get_late_reason(self, due_at, now):
        """Why an alert that was due at ``due_at`` is sent at ``now`` only; False: it is in time."""
        if now - due_at <= LATE_AFTER:
            return False
        if self.planned_late_at and due_at <= self.planned_late_at:
            return self.planned_late_because
        return "failure" if self.due_attempts else "downtime"

    def action_retry_due(self):
        self.check_access("write")
        self._plan_due("failure")

    def _on_due(self, now):
        """Clocks first, then their tickets, then those who are told."""
        due = self.sudo()
        clocks = due.ticket_id._get_sla_clocks()._advance(now)
        alerts = due.filtered("ticket_id.active")._record_alerts(now)
        due.ticket_id._update_sla(clocks)
        alerts._notify()

    def _record_alerts(self, now):
        """Log what falls due until ``now``, oldest first, and raise the clocks' levels."""
        levels = {kind: level for kind, level, _name in KINDS}
        # The same promise may be made again: another priority, and back.
        known = {
            (alert.clock_id, alert.kind, alert.deadline)
            for alert in self.env["telecom.sla.alert"].search([("clock_id", "in", self.ids)])
        }
        vals_list, by_level = [], {}
        for clock in self:
            due = [(kind, at) for kind, at in clock._get_pending_alerts() if at <= now]
            if not due:
                continue
            by_level.setdefault(levels[due[-1][0]], []).append(clock.id)
            left = clock._get_left_seconds(now)
            vals_list += [
                {
                    "clock_id": clock.id,
                    "ticket_id": clock.ticket_id.id,
                    "kind": kind,
                    "deadline": clock.deadline,
                    "due_at": at,
                    "at": now,
                    "late_reason": (reason := clock._get_late_reason(at, now)),
                    "is_late": bool(reason),
                    "left_seconds": left,
                }
                for kind, at in due
                if (clock, kind, clock.deadline) not in known
            ]
        for level, ids in by_level.items():
            self.browse(ids)._write_due({"alert_level": level})
        vals_list.sort(key=lambda vals: vals["due_at"])
        return self.env["telecom.sla.alert"].create(vals_list)

    def _on_due_failed(self, error):
        ticket = self.ticket_id
        ticket.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("An SLA alert could not be sent"),
            note=error,
            user_id=ticket._get_due_responsible().id,
        )
