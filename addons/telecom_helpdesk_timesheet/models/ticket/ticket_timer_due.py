from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import fields, models
from odoo.tools import format_datetime

from ...tools import stopwatch


class TelecomTicketTimer(models.Model):
    """Forgotten timers: they are paused, and what they measured at night is not billed.

    While it runs, its agent is asked every so many hours (a setting of the company) whether they
    still work. It never runs for days: see ``tools.stopwatch.find_end`` for when it is paused and
    as at when. Whoever stops it afterwards is told so, and asked to check the minutes.
    """

    _inherit = "telecom.ticket.timer"

    seen_at = fields.Datetime(
        readonly=True, help="When the agent last said that they were at work on it."
    )
    reminded_at = fields.Datetime(
        readonly=True, help="When they were last asked whether they still are."
    )
    cut_at = fields.Datetime(
        readonly=True, help="As at when it was paused, because nobody stopped it."
    )
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null"
    )

    def _get_next_due(self):
        instant = super()._get_next_due()
        if not self.running_since:
            return instant
        instants = (instant, self._get_next_reminder(), self._find_end()[0])
        return min(filter(None, instants))

    def _on_due(self, now):
        for timer in self.filtered("running_since"):
            stop_at, as_at = timer._find_end()
            reminder = timer._get_next_reminder()
            if now >= stop_at:
                timer._cut(as_at)
            elif reminder and now >= reminder:
                timer._remind(now)

    def _get_next_reminder(self):
        """When (naive UTC) the agent is asked next, or False for never."""
        hours = self.ticket_id.company_id.telecom_timer_reminder_hours
        since = max(filter(None, (self.running_since, self.seen_at, self.reminded_at)))
        return hours > 0 and since + timedelta(hours=hours)

    def _find_end(self):
        """When this running timer is paused if nobody stops it, and as at which instant."""
        self.ensure_one()
        seen_at = self.seen_at or self.running_since
        company = self.ticket_id.company_id
        calendar = self.ticket_id.team_id.resource_calendar_id or company.resource_calendar_id
        zone = timezone(self.user_id.tz or calendar.tz or "UTC")
        day = utc.localize(seen_at).astimezone(zone).date()
        midnights = [
            zone.localize(datetime.combine(day + timedelta(days=days), time.min))
            .astimezone(utc)
            .replace(tzinfo=None)
            for days in (1, 2)
        ]
        stops = ()
        if calendar:
            stops = calendar._get_work_timeline(company, seen_at, midnights[0]).stops
        return stopwatch.find_end(seen_at, *midnights, stops)

    def _confirm(self):
        """The agent is still at work on it."""
        self.write({"seen_at": self._due_now()})
        self._withdraw_activity()
        self._plan_due()

    def _remind(self, now):
        """Ask the agent whether they still work."""
        self.reminded_at = now
        timer = self.with_context(lang=self.user_id.lang)
        timer._schedule_activity(
            timer.env._("Still at work? Your timer is running."),
            timer.env._(
                "The timer on %(ticket)s has been running since %(time)s.",
                ticket=timer.ticket_id.number,
                time=timer._format_instant(self.running_since),
            ),
        )
        self._push_state(kind="reminder", ticket_id=self.ticket_id.id)

    def _cut(self, as_at):
        """Pause this timer as at ``as_at``: it was left running."""
        self._pause(as_at, cut_at=as_at)
        timer = self.with_context(lang=self.user_id.lang)
        timer._schedule_activity(
            timer.env._("Log your time: the timer was left running"),
            timer.env._(
                "The timer on %(ticket)s was still running and was paused as at %(time)s. Log the "
                "time, and check the minutes.",
                ticket=timer.ticket_id.number,
                time=timer._format_instant(as_at),
            ),
        )
        self._push_state(kind="cut", ticket_id=self.ticket_id.id)

    def _format_instant(self, instant):
        return format_datetime(self.env, instant, tz=self.user_id.tz, dt_format="short")

    def _schedule_activity(self, summary, note):
        """Have an activity on the ticket remind the agent; one at a time."""
        self._withdraw_activity()
        # Who is asked whether they still work needs no mail that says so as well.
        self.activity_id = self.ticket_id.with_context(
            mail_activity_quick_update=True
        ).activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=self.ticket_id._get_people_to_notify(self.user_id)[:1].id,
        )

    def _withdraw_activity(self):
        self.sudo().activity_id.unlink()
