from odoo import models
from odoo.exceptions import UserError

from ..tools.hours import to_hours


class TelecomTicket(models.Model):
    """Buttons of the timer."""

    _inherit = "telecom.ticket"

    def action_timer_start(self):
        """Start the present user's timer on this ticket, or go on with it.

        :return: all of their timers, see ``telecom.ticket.timer.get_timers``
        """
        self.ensure_one()
        self.env["telecom.ticket.timer"]._start(self)
        return self.env["telecom.ticket.timer"].get_timers()

    def action_timer_pause(self):
        self.ensure_one()
        timer = self._get_own_timer()
        timer._pause()
        timer._tell_owner()
        return self.env["telecom.ticket.timer"].get_timers()

    def action_timer_stop(self):
        """Pause the timer and ask what it was for: the dialog logs its time.

        :return: action of the dialog
        """
        self.ensure_one()
        timer = self._get_own_timer()
        if not timer:
            raise UserError(self.env._("No timer of yours is on %s any more.", self.number))
        timer._pause()
        timer._tell_owner()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log Time on %s", self.number),
            "res_model": "telecom.timer.stop",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def action_timer_discard(self):
        self.ensure_one()
        self._get_own_timer()._finish()
        return self.env["telecom.ticket.timer"].get_timers()

    def _get_own_timer(self):
        """The present user's timer on this ticket, or an empty one; without access checks."""
        timers = self.env["telecom.ticket.timer"]._get_own()
        return timers.filtered(lambda timer: timer.ticket_id == self)

    def _log_timer(self, minutes, name, **kwargs):
        """Log ``minutes`` that the present user's timer on this ticket counted, and end it."""
        timer = self._get_own_timer()
        segments = timer._get_segments() if timer else None
        lines = self._log_time(minutes, name, segments=segments, **kwargs)
        timer._finish()
        return lines

    def _get_timer_minutes(self):
        """Whole minutes on the present user's timer here; at least one if there is any."""
        timer = self._get_own_timer()
        return max(1, round(timer._get_seconds() / 60)) if timer else 0

    def _get_timer_hours(self):
        return to_hours(self._get_timer_minutes())
