from odoo import api, models
from odoo.exceptions import UserError

# States in which nobody changes an entry any more.
LOCKED_STATES = ("approved", "invoiced", "included")
# What only approval and billing write, whoever asks.
BILLING_FIELDS = frozenset(
    {
        "billing_state",
        "approved_hours",
        "approved_by_id",
        "approved_at",
        "rejection_reason",
        "support_rate_id",
        "billed_hours",
        "included_hours",
        "included_periods",
        "invoice_line_id",
    }
)


class AccountAnalyticLine(models.Model):
    """What was approved stays as it is, whoever asks: form, import, RPC."""

    _inherit = "account.analytic.line"

    def _get_unlocked(self):
        """Those of these entries that may still change."""
        return self.filtered(lambda line: line.billing_state not in LOCKED_STATES)

    def _write_billing(self, vals):
        """Write what only approval and billing may write, past every guard."""
        models.BaseModel.write(self.sudo(), vals)
