from datetime import datetime, time, timedelta

from markupsafe import Markup, escape
from pytz import timezone, utc

from odoo import api, fields, models


class TelecomTicketTimer(models.Model):
    """An agent's stopwatch on a ticket: it runs on the server, whatever the browser does.

    One of an agent's timers runs at a time. One that runs for hours asks whether they are still
    at it; none runs past midnight of the agent's day, so that what was forgotten bills no night.
    """

    _name = "telecom.ticket.timer"
    _description = "Ticket Timer"
    _inherit = ["telecom.due.mixin"]
    _order = "running_since, id"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_ticket_timer_due"

    ticket_id = fields.Many2one("telecom.ticket", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users", required=True, default=lambda self: self.env.user, ondelete="cascade"
    )
    running_since = fields.Datetime(readonly=True, help="Empty: the timer is paused.")
    # Work done before the last start: [[from, to], ...] as text, in UTC.
    segments = fields.Json(readonly=True)
    reminded_at = fields.Datetime(readonly=True)

    _one_for_each = models.UniqueIndex("(user_id, ticket_id)")
    _one_running = models.UniqueIndex(
        "(user_id) WHERE running_since IS NOT NULL", "Another of your timers is running."
    )

    # Reading

    def _get_segments(self, until=None):
        """Pairs (from, to) of naive UTC datetimes in which work was done, pauses left out."""
        self.ensure_one()
        pairs = [tuple(map(datetime.fromisoformat, pair)) for pair in self.segments or []]
        until = until or self._due_now()
        if self.running_since and self.running_since < until:
            pairs.append((self.running_since, until))
        return pairs

    def _get_seconds(self):
        return sum((stop - start).total_seconds() for start, stop in self._get_segments())

    @api.model
    def _get_own(self):
        """The present user's timers, the running one first."""
        timers = self.sudo().search([("user_id", "=", self.env.uid)])
        return timers.sorted(lambda timer: (not timer.running_since, timer.id))

    @api.model
    def get_timers(self):
        """The present user's timers, for the web client; the running one first.

        :return: list of dicts: ``ticket_id``, ``number``, ``name``, ``seconds`` so far, ``running``
        """
        return [
            {
                "ticket_id": timer.ticket_id.id,
                "number": timer.ticket_id.number,
                "name": timer.ticket_id.name,
                "seconds": int(timer._get_seconds()),
                "running": bool(timer.running_since),
            }
            for timer in self._get_own()
        ]

    def _tell_owner(self):
        """Have every page of these timers' owners show how they stand."""
        for user in self.user_id:
            timers = self.with_user(user).get_timers()
            user._bus_send("telecom.ticket.timer", {"timers": timers})

    # Running

    @api.model
    def _start(self, ticket):
        """Start or go on with the present user's timer on ``ticket``; another one is paused."""
        ticket.check_access("write")
        ticket._check_can_log()
        own = self._get_own()
        own.filtered("running_since")._pause()
        timer = own.filtered(lambda timer: timer.ticket_id == ticket)
        if not timer:
            timer = self.sudo().create({"ticket_id": ticket.id, "user_id": self.env.uid})
        # The index lets one run: the paused one is written first.
        self.env.flush_all()
        timer._write_due({"running_since": self._due_now(), "reminded_at": False})
        timer._plan_due()
        timer._tell_owner()
        return timer

    def _pause(self, at=None):
        """Stop the clock of these timers, at ``at`` (naive UTC) if it is not now."""
        for timer in self.filtered("running_since"):
            pairs = timer._get_segments(at)
            timer._write_due(
                {
                    "running_since": False,
                    "segments": [[each.isoformat() for each in pair] for pair in pairs],
                }
            )
        self._plan_due()

    def _finish(self):
        """These timers are done with."""
        owners = self.user_id
        self.sudo().unlink()
        for user in owners:
            timers = self.env["telecom.ticket.timer"].with_user(user).get_timers()
            user._bus_send("telecom.ticket.timer", {"timers": timers})

    def _join(self, other):
        """Take over what ``other``, the same agent's timer on another ticket, has counted."""
        self.ensure_one()
        running_since = self.running_since or other.running_since
        (self + other)._pause()
        pairs = sorted(self._get_segments() + other._get_segments())
        other.unlink()
        self.env.flush_all()
        self._write_due(
            {
                "segments": [[each.isoformat() for each in pair] for pair in pairs],
                "running_since": self._due_now() if running_since else False,
            }
        )
        self._plan_due()

    # Forgotten

    def _get_next_due(self):
        if not self.running_since:
            return super()._get_next_due()
        hours = self.ticket_id.company_id.telecom_timer_reminder_hours
        midnight = self._get_midnight()
        if not hours:
            return midnight
        since = max(self.running_since, self.reminded_at or self.running_since)
        return min(midnight, since + timedelta(hours=hours))

    def _get_midnight(self):
        """When (naive UTC) the day ends for the agent on which the timer was last started."""
        zone = timezone(self.user_id.tz or self.user_id.company_id.partner_id.tz or "UTC")
        day = utc.localize(self.running_since).astimezone(zone).date() + timedelta(days=1)
        return zone.localize(datetime.combine(day, time.min)).astimezone(utc).replace(tzinfo=None)

    def _on_due(self, now):
        self.ensure_one()
        user = self.user_id
        if not user.active or self._get_midnight() <= now:
            self._pause(min(now, self._get_midnight()))
            text = self.env._(
                "The timer ran until midnight and was paused. How long was it really?"
            )
        else:
            self._write_due({"reminded_at": now})
            text = self.env._("The timer has been running for hours. Are you still at it?")
        if user.active:
            self._ask_owner(text)
        self._tell_owner()

    def _ask_owner(self, text):
        """Ask the agent about a timer that they may have forgotten, in their language."""
        here = self.with_context(lang=self.user_id.lang)
        ticket = here.ticket_id
        summary = here.env._("Timer on %s", ticket.number)
        former = ticket.activity_ids.filtered(
            lambda activity: activity.user_id == self.user_id and activity.summary == summary
        )
        former.unlink()
        ticket.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=Markup("<p>%s</p>") % escape(text),
            user_id=self.user_id.id,
        )
        self.user_id._bus_send(
            "simple_notification",
            {"type": "warning", "sticky": True, "title": summary, "message": text},
        )
