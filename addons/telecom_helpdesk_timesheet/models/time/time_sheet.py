from odoo import models

from ..billing.analytic_line_billing_share import Share


class AccountMove(models.Model):
    """The time behind an invoice, as its customer reads it."""

    _inherit = "account.move"

    def _has_time_sheet(self):
        """Whether the time behind this invoice goes with it."""
        self.ensure_one()
        return self.company_id.sudo().telecom_billing_append_sheet and bool(
            self._get_support_time()
        )

    def _get_support_time(self):
        """Entries (account.analytic.line) that this invoice bills, or covers by a contract."""
        return self.sudo().invoice_line_ids.support_time_ids.sorted(
            lambda entry: (entry.date, entry.started_at or entry.create_date, entry.id)
        )

    def _get_time_sheet(self):
        """The time sheet of this invoice: hours and amounts as in the books, less credits.

        :return: ``{"tickets": [(ticket, [(entry, Share)])], "totals": {"counted", "included",
            "invoiced", "amount"}, "credits": account.move}``; hours, and amounts in the invoice's
            currency; each ticket's entries by date. ``credits``: what was taken off for.
        """
        self.ensure_one()
        lines = self.sudo().invoice_line_ids
        # What was given back may have left something behind.
        entries = (self._get_support_time() | lines.release_ids.entry_id).sorted(
            lambda entry: (entry.date, entry.started_at or entry.create_date, entry.id)
        )
        shares = entries._find_shares(lines)
        here = lines.support_time_ids
        entries = entries.filtered(lambda entry: entry in here or any(shares.get(entry.id, ())))
        corrections = lines.correction_ids.filtered(
            lambda line: line.parent_state == "posted" and line._get_support_origins()
        )
        return {
            "tickets": [
                (ticket, [(entry, shares.get(entry.id, Share())) for entry in group])
                for ticket, group in entries.grouped("ticket_id").items()
            ],
            "totals": {
                "counted": sum(here.mapped("billed_hours")),
                "included": sum(here.mapped("included_hours")),
                "invoiced": sum(share.hours for share in shares.values()),
                "amount": sum(share.amount_currency for share in shares.values()),
            },
            "credits": corrections.move_id,
        }
