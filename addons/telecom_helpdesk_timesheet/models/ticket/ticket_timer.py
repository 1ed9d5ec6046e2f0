from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError

from ...tools import stopwatch


class TelecomTicketTimer(models.Model):
    """An agent's stopwatch on a ticket: it runs on the server, whatever the browser does.

    Agents read their own and change them through the methods of the ticket alone.
    """

    _name = "telecom.ticket.timer"
    _description = "Ticket Timer"
    _inherit = ["telecom.guard.mixin", "telecom.due.mixin"]
    _order = "id"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_ticket_timer_due"

    ticket_id = fields.Many2one(
        "telecom.ticket", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        ondelete="cascade",
    )
    running_since = fields.Datetime(readonly=True, help="Empty: the timer is paused.")
    segments = fields.Json(
        readonly=True, help="Work done before the last start: [[from, to], ...] in UTC."
    )

    _one_for_each = models.UniqueIndex("(user_id, ticket_id)")
    _one_running = models.UniqueIndex(
        "(user_id) WHERE running_since IS NOT NULL", "Another of your timers is running."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_activity(self):
        self._withdraw_activity()

    # What the agent does

    @api.model
    def get_timers(self):
        """The present user's timers, as their browser shows them.

        :return: dict with the server's time ``now`` (seconds since 1970) and ``timers``, the
            running one first: dicts with ``ticket_id``, ``number``, ``name``, ``seconds`` (int)
            so far, ``running`` (bool), ``cut`` (as at when it was paused because nobody stopped
            it, in seconds since 1970; or False)
        """
        self.browse().check_access("read")
        return self._get_states(self.env.user)[self.env.user]

    @api.model
    def _get_states(self, users):
        timers = self.sudo().search([("user_id", "in", users.ids)])
        now = self._due_now()
        states = {user: {"now": _to_epoch(now), "timers": []} for user in users}
        for timer in timers.sorted(lambda timer: (not timer.running_since, -timer.id)):
            states[timer.user_id]["timers"].append(timer._describe(now))
        return states

    def _describe(self, now):
        self.ensure_one()
        return {
            "ticket_id": self.ticket_id.id,
            "number": self.ticket_id.number,
            "name": self.ticket_id.name,
            "seconds": stopwatch.count_seconds(self._get_segments(now)),
            "running": bool(self.running_since),
            "cut": _to_epoch(self.cut_at),
        }

    @api.model
    def _find_own(self, tickets=None):
        """The present user's timers (as superuser), or those on ``tickets``."""
        domain = [("user_id", "=", self.env.uid)]
        if tickets is not None:
            domain.append(("ticket_id", "in", tickets.ids))
        return self.sudo().search(domain)

    @api.model
    def _start(self, ticket):
        """Have the present user's timer on ``ticket`` run, and the one that ran pause.

        Two requests at once: the second one is run anew, and sees what the first one did.

        :return: the timer that was paused, if any
        """
        now = self._due_now()
        own = self._find_own()
        timer = own.filtered(lambda timer: timer.ticket_id == ticket)
        paused = own.filtered("running_since") - timer
        paused._pause(now)
        if timer.running_since:
            return paused
        values = {"running_since": now, "seen_at": now, "reminded_at": False}
        try:
            with self.env.cr.savepoint():
                if timer:
                    timer._withdraw_activity()
                    timer.write(values)
                else:
                    timer = timer.create(
                        {"ticket_id": ticket.id, "user_id": self.env.uid, **values}
                    )
        except UniqueViolation as error:
            raise ConcurrencyError("Another timer was started meanwhile") from error
        timer._plan_due()
        return paused

    def _pause(self, at, **values):
        """Have these timers pause, as at ``at`` (naive UTC); what they measured is kept."""
        running = self.filtered("running_since")
        for timer in running:
            segments = stopwatch.load(timer.segments)
            timer.write(
                {
                    "segments": stopwatch.dump(stopwatch.add(segments, timer.running_since, at)),
                    "running_since": False,
                    **values,
                }
            )
        running._withdraw_activity()
        running._plan_due()
        # Now, or the one that is started next would be the second one that runs.
        running.flush_recordset()

    def _get_segments(self, now=None):
        """What this timer has measured, as segments (see ``tools.stopwatch``)."""
        segments = stopwatch.load(self.segments)
        if self.running_since:
            segments = stopwatch.add(segments, self.running_since, now or self._due_now())
        return segments

    def _count_minutes(self):
        """Whole minutes to log for what this timer has measured."""
        return stopwatch.round_to_minutes(stopwatch.count_seconds(self._get_segments()))

    def _log(self, minutes, name="", **kwargs):
        """End this timer and log the work on its ticket; see ``telecom.ticket._log_time``.

        Work that was begun is logged even if the ticket is another team's by now.
        """
        ticket = self.ticket_id
        segments = self._get_segments()
        started_at = None if segments else self._due_now() - timedelta(minutes=minutes)
        # First, so that whoever stops it at the same time in another window comes second.
        self.unlink()
        return ticket._log_time(
            minutes, name, segments=segments or None, started_at=started_at, **kwargs
        )

    @api.model
    def _pause_done(self, tickets):
        """Work on ``tickets`` is done: their timers pause, and their agents are asked to stop."""
        running = self.sudo().search(
            [("ticket_id", "in", tickets.ids), ("running_since", "!=", False)]
        )
        running._pause(self._due_now())
        for timer in running:
            timer._push_state(kind="done", ticket_id=timer.ticket_id.id)

    # Telling the agent

    def _push_state(self, users=None, **news):
        """Push the timers of ``users`` (the owners of these) to all their browser windows.

        :param news: what else they are to know; ``kind`` says what it is
        :return: ``{user: state}`` (see ``get_timers``)
        """
        states = self._get_states(users or self.user_id)
        for user, state in states.items():
            user._bus_send("telecom.ticket.timer/state", {**state, "news": news or False})
        return states


def _to_epoch(instant):
    """Seconds since 1970 of a naive UTC datetime; False for none."""
    return bool(instant) and int(
        (instant - fields.Datetime.from_string("1970-01-01")).total_seconds()
    )
