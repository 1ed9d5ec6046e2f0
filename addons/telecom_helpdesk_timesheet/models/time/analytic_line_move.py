from odoo import models
from odoo.exceptions import UserError


class AccountAnalyticLine(models.Model):
    """Time moves with the ticket; what was approved or billed keeps its customer and contract."""

    _inherit = "account.analytic.line"

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
