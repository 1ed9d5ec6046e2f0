from odoo import models
from odoo.exceptions import UserError


class TelecomTicket(models.Model):
    """Time goes where the work goes: to the ticket merged into, to the one split off."""

    _inherit = "telecom.ticket"

    def _merge_into(self, target):
        super()._merge_into(target)
        self.sudo().timesheet_ids._move_to_ticket(target)
        self._move_timers(target)

    def _move_timers(self, target):
        timers = self.env["telecom.ticket.timer"].sudo()
        there = {timer.user_id: timer for timer in timers.search([("ticket_id", "=", target.id)])}
        moved = timers.search([("ticket_id", "in", self.ids)])
        for timer in moved:
            if known := there.get(timer.user_id):
                known._join(timer)
            else:
                timer.ticket_id = target
                there[timer.user_id] = timer
        self.env["telecom.ticket.timer"].union(*there.values())._tell_owner()

    def _move_message(self, message, new):
        super()._move_message(message, new)
        lines = self.sudo().timesheet_ids.filtered(lambda line: line.message_id == message)
        lines._move_to_ticket(new)


class AccountAnalyticLine(models.Model):
    _inherit = "account.analytic.line"

    def _move_to_ticket(self, ticket):
        """Have these entries belong to ``ticket``, those that are locked as well.

        What may still change follows the ticket: its customer, contract and rates.

        :raises UserError: approved time would be somebody else's
        """
        locked = self - self._get_unlocked()
        for line in locked:
            if line.partner_id != ticket.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "%(entry)s is approved for %(customer)s and cannot go to a ticket of "
                        "somebody else. Unlock it first.",
                        entry=line._get_label(),
                        customer=line.partner_id.display_name,
                    )
                )
        self._write_billing({"ticket_id": ticket.id})
