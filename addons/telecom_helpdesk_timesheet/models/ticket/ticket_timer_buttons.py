from odoo import models
from odoo.exceptions import UserError


class TelecomTicket(models.Model):
    """An agent's timer on the ticket: start, pause, stop, discard.

    Each of these returns the agent's timers as they are then; see ``telecom.ticket.timer``.
    """

    _inherit = "telecom.ticket"

    def action_timer_start(self):
        """Start the present user's timer on this ticket, or have it go on.

        :return: the timers, with ``paused``: number of the ticket whose timer was paused, as
            only one runs at a time, or False
        :raises AccessError: they may not work on this ticket
        :raises UserError: why no time could be logged on it
        """
        self.ensure_one()
        self.check_access("write")
        self._check_can_log()
        # Better now than when the work is done.
        self.env["account.analytic.line"]._fill_employees([{"company_id": self.company_id.id}])
        paused = self.env["telecom.ticket.timer"]._start(self)
        return {**self._push_timers(), "paused": paused.ticket_id.number}

    def action_timer_pause(self):
        """Have the present user's timer on this ticket pause."""
        timers = self._find_own_timers()
        timers._pause(timers._due_now())
        return self._push_timers()

    def action_timer_confirm(self):
        """The present user still works on this ticket: their timer runs on."""
        timers = self._find_own_timers()
        timers.filtered("running_since")._confirm()
        return self._push_timers()

    def action_timer_discard(self):
        """Forget what the present user's timer on this ticket has measured."""
        self._find_own_timers().unlink()
        return self._push_timers()

    def action_timer_stop(self):
        """Have the present user's timer on this ticket pause, and ask what to log of it.

        :return: action of the dialog
        :raises UserError: there is none any more
        """
        self.ensure_one()
        timer = self._get_own_timer()
        timer._pause(timer._due_now())
        self._push_timers()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Log Time on %s", timer.ticket_id.number),
            "res_model": "telecom.timer.stop",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_ticket_id": self.id, "dialog_size": "medium"},
        }

    def _find_own_timers(self):
        """The present user's timers on these tickets (as superuser).

        They are theirs even on a ticket that is another team's by now: nothing is told of it that
        they did not know.

        :raises AccessError: they use no timers
        """
        timers = self.env["telecom.ticket.timer"]
        timers.check_access("read")
        return timers._find_own(self)

    def _get_own_timer(self):
        """The present user's timer on this ticket (as superuser).

        :raises UserError: there is none any more
        """
        timer = self._find_own_timers()
        if not timer:
            raise UserError(
                self.env._(
                    "No timer of yours is on this ticket any more: it was stopped or discarded, "
                    "in another window perhaps."
                )
            )
        return timer

    def _push_timers(self, **news):
        """Show the present user's timers in all their windows; return them."""
        user = self.env.user
        return self.env["telecom.ticket.timer"]._push_state(user, **news)[user]

    def _on_transition(self, transitions):
        super()._on_transition(transitions)
        done = self.filtered("is_done")
        if done:
            self.env["telecom.ticket.timer"]._pause_done(done)
