from odoo import models
from odoo.exceptions import UserError

from ...tools import stopwatch


class TelecomTicket(models.Model):
    """Time goes where the work goes: merging and splitting tickets moves it."""

    _inherit = "telecom.ticket"

    def _merge_into(self, target):
        self._move_timers(target)
        super()._merge_into(target)
        # What the target took over decides on contract and customer of the time.
        self.sudo().timesheet_ids._move_to_ticket(target)
        self._merge_budgets(target)

    def _move_timers(self, target):
        """Have the timers on these tickets measure on for ``target``; not a second is lost."""
        timers = self.env["telecom.ticket.timer"].sudo()
        moving = timers.search([("ticket_id", "in", self.ids)])
        if not moving:
            return
        there = {timer.user_id: timer for timer in timers.search([("ticket_id", "=", target.id)])}
        for user, own in moving.grouped("user_id").items():
            kept = there.get(user) or own[0]
            family = own | kept
            running = family.filtered("running_since")
            values = {
                "ticket_id": target.id,
                "segments": stopwatch.dump(
                    stopwatch.join(*(stopwatch.load(timer.segments) for timer in family))
                ),
                "running_since": running.running_since,
                "seen_at": running.seen_at,
                "reminded_at": running.reminded_at,
                "cut_at": max(filter(None, family.mapped("cut_at")), default=False),
            }
            # First, as only one of them may run.
            (family - kept).unlink()
            kept.write(values)
            kept._plan_due()
            kept._push_state()

    def _move_message(self, message, new):
        super()._move_message(message, new)
        self._move_time(self._find_time_of(message), new)

    def _find_time_of(self, message):
        """Time (account.analytic.line, as superuser) that was logged with ``message``."""
        return self.sudo().timesheet_ids.filtered(lambda line: line.message_id == message)

    def _move_time(self, lines, new):
        """Move ``lines``, time on this ticket, to ``new``, a ticket that was split off it.

        :raises UserError: some are billed to another customer, or are no longer on this ticket
        """
        lines = lines.sudo()
        if lines.ticket_id - self:
            raise UserError(self.env._("Some of this time is no longer on the ticket."))
        lines._check_same_customer(new)
        lines._move_to_ticket(new)
