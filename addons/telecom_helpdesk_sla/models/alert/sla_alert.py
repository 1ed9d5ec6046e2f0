from datetime import timedelta

import babel.dates
import pytz

from odoo import api, fields, models
from odoo.tools import format_time, get_lang
from odoo.tools.misc import babel_locale_parse

from odoo.addons.telecom_helpdesk.tools.durations import describe_seconds

ALERT_KINDS = [("warning", "Warning"), ("imminent", "Imminent"), ("breach", "Breach")]
LEVELS = {"warning": 1, "imminent": 2, "breach": 3}
# Sent later than this after it fell due, an alert says so, and why. Whoever plans alerts that may
# be due already says the reason, in the parameter ``because``.
LATE_AFTER = timedelta(minutes=5)
LATE_REASONS = [
    ("downtime", "Scheduled Actions Did Not Run"),
    ("failure", "Sending Failed"),
    ("terms", "SLA Applied Later"),
    ("hours", "Working Hours Changed"),
    ("restored", "Ticket Was Archived"),
    ("other", "Promise Was Void or Waived"),
]


class TelecomSlaAlert(models.Model):
    """An alert that was sent: to whom, and about which deadline.

    Its texts are in the language and time zone of the context.
    """

    _name = "telecom.sla.alert"
    _description = "SLA Alert"
    _inherit = ["telecom.guard.mixin"]
    _is_software_owned = True
    _order = "at desc, id desc"
    _rec_name = "kind"
    _log_access = False

    clock_id = fields.Many2one("telecom.sla.clock", required=True, ondelete="cascade", index=True)
    ticket_id = fields.Many2one("telecom.ticket", required=True, ondelete="cascade", index=True)
    kind = fields.Selection(ALERT_KINDS, required=True)
    deadline = fields.Datetime(required=True)
    due_at = fields.Datetime(required=True, help="When it fell due.")
    at = fields.Datetime(required=True, string="Sent on")
    is_late = fields.Boolean(string="Late", help="Sent long after it fell due.")
    late_reason = fields.Selection(LATE_REASONS, string="Reason for Delay")
    # Working time; negative: by which it was overdue.
    left_seconds = fields.Integer(string="Time Left (s)")
    recipient_ids = fields.Many2many("res.users", string="Recipients")

    # What it says
    level = fields.Integer(compute="_compute_level")
    metric = fields.Selection(related="clock_id.metric")
    title = fields.Char(compute="_compute_texts")
    promise_text = fields.Char(string="What Was Promised", compute="_compute_texts")
    deadline_text = fields.Char(string="By When", compute="_compute_texts")
    left_text = fields.Char(string="Time Left", compute="_compute_texts")
    late_text = fields.Char(string="Delay Notice", compute="_compute_texts")
    customer_text = fields.Char(string="Customer", compute="_compute_texts")
    ticket_url = fields.Char(string="Address of the Ticket", compute="_compute_ticket_url")

    _once = models.UniqueIndex("(clock_id, kind, deadline)", "An alert is sent once.")

    @api.depends("kind")
    def _compute_level(self):
        for alert in self:
            alert.level = LEVELS.get(alert.kind, 0)

    @api.depends("kind", "deadline", "left_seconds", "late_reason", "clock_id", "ticket_id")
    @api.depends_context("lang", "tz")
    def _compute_texts(self):
        titles = {
            "warning": self.env._("SLA warning"),
            "imminent": self.env._("SLA due soon"),
            "breach": self.env._("SLA breached"),
        }
        metrics = dict(self._fields["metric"]._description_selection(self.env))
        for alert in self:
            clock, ticket = alert.clock_id, alert.ticket_id
            alert.title = titles[alert.kind]
            alert.promise_text = self.env._(
                "%(metric)s within %(time)s",
                metric=metrics[clock.metric],
                time=describe_seconds(self.env, clock.target_seconds),
            )
            alert.deadline_text = self._describe_instant(alert.deadline)
            alert.left_text = alert._describe_left()
            alert.late_text = alert._describe_delay()
            customer, contact = ticket.commercial_partner_id.name, ticket.partner_id.name
            names = dict.fromkeys(filter(None, (customer, contact)))
            alert.customer_text = (
                ", ".join(names) or ticket.partner_name or ticket.partner_email or ""
            )

    @api.depends("ticket_id")
    def _compute_ticket_url(self):
        for alert in self:
            alert.ticket_url = (
                f"{alert.get_base_url()}/mail/view?model=telecom.ticket&res_id={alert.ticket_id.id}"
            )

    def _describe_delay(self):
        """Why this was sent late, in words, or False."""
        if not self.is_late:
            return False
        instant = self._describe_instant(self.due_at)
        match self.late_reason:
            case "failure":
                return self.env._(
                    "Sent late: this was due on %s, but sending it failed at first.", instant
                )
            case "terms":
                return self.env._(
                    "Sent late: this was due on %s, before the present SLA applied to the ticket.",
                    instant,
                )
            case "hours":
                return self.env._(
                    "Sent late: working hours were changed, and by the new ones this was due on "
                    "%s already.",
                    instant,
                )
            case "restored":
                return self.env._(
                    "Sent late: this was due on %s, when the ticket was archived.", instant
                )
            case "other":
                return self.env._(
                    "Sent late: this was due on %s, when the promise did not count.", instant
                )
        return self.env._(
            "Sent late: this was due on %s, when the server was not running its scheduled actions.",
            instant,
        )

    def _describe_left(self):
        if self.left_seconds > 0:
            time = describe_seconds(self.env, self.left_seconds)
            if self.clock_id.term_id.calendar_id:
                return self.env._("%s of working time left", time)
            return self.env._("%s left", time)
        if self.left_seconds > -60:
            return self.env._("Time is up")
        return self.env._("%s overdue", describe_seconds(self.env, -self.left_seconds))

    @api.model
    def _describe_instant(self, instant):
        """``instant`` (naive UTC) on the wall clock of the context's zone, with its name."""
        zone = self.env.context.get("tz") or self.env.user.tz or "UTC"
        local = pytz.utc.localize(instant).astimezone(pytz.timezone(zone))
        day = babel.dates.format_skeleton(
            "yMMMEd", local, locale=babel_locale_parse(get_lang(self.env).code)
        )
        return f"{day}, {format_time(self.env, instant, tz=zone, time_format='short')} ({zone})"
