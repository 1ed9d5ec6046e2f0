from odoo import models


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
        """The time sheet of this invoice.

        :return: ``{"tickets": [(ticket, entries)], "totals": {"billed", "included", "invoiced"}}``
            in hours; each ticket's entries by date. The invoiced hours are those of the lines.
        """
        entries = self._get_support_time()
        billed = sum(entries.mapped("billed_hours"))
        included = sum(entries.mapped("included_hours"))
        return {
            "tickets": list(entries.grouped("ticket_id").items()),
            "totals": {
                "billed": billed,
                "included": included,
                "invoiced": billed - included,
            },
        }
