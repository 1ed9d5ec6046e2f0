from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

from ...tools import stopwatch


class TelecomTicket(models.Model):
    """Time goes where the work goes: merging and splitting tickets moves it."""

    _inherit = "telecom.ticket"

    def _merge_into(self, target):
        self._move_timers(target)
        super()._merge_into(target)
        # Last, as what the target took over decides on contract and customer of the time.
        self.sudo().timesheet_ids._move_to_ticket(target)

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
            kept._tell()

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


class AccountAnalyticLine(models.Model):
    """Time moves with the ticket; what was approved or billed keeps its customer and contract."""

    _inherit = "account.analytic.line"

    @api.depends_context("telecom_describe_time")
    def _compute_display_name(self):
        super()._compute_display_name()
        if self.env.context.get("telecom_describe_time"):
            for line in self.filtered("ticket_id"):
                line.display_name = line._describe_time()

    def _describe_time(self):
        """This entry on one line, for those who look at its ticket: who, how long, what."""
        line = self.sudo()
        return self.env._(
            "%(date)s, %(agent)s, %(hours)s h: %(what)s",
            date=format_date(self.env, line.date),
            agent=line.employee_id.name or line.user_id.name,
            hours=format_hours(to_minutes(line.unit_amount)),
            what=line.name,
        )

    def _move_to_ticket(self, ticket):
        """Have these entries be time on ``ticket``, past every guard."""
        lines = self.sudo()
        left = lines.ticket_id - ticket
        lines._write_billing({"ticket_id": ticket.id})
        # Its customer's contract says anew what is out of hours.
        lines._get_unlocked()._split_by_hours()
        locked = (lines | left.timesheet_ids) - (lines | left.timesheet_ids)._get_unlocked()
        locked._recount_billed()

    def _check_same_customer(self, ticket):
        """:raises UserError: some of these entries are billed to another customer"""
        customer = ticket.sudo().commercial_partner_id
        for line in self.sudo() - self.sudo()._get_unlocked():
            if line.partner_id != customer:
                raise UserError(
                    self.env._(
                        "%(entry)s: this time was approved for %(customer)s and cannot move to a "
                        "ticket of another customer. Leave it where it is, or have it unlocked.",
                        entry=line._get_label(),
                        customer=line.partner_id.display_name,
                    )
                )
