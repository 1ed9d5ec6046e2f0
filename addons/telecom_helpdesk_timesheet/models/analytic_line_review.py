from odoo import fields, models

BILLING_STATES = [
    ("not_billable", "Not Billable"),
    ("to_approve", "To Approve"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("invoiced", "Invoiced"),
    ("included", "Covered by Contract"),
]


class AccountAnalyticLine(models.Model):
    """A manager approves time on tickets, or rejects it with a reason."""

    _inherit = "account.analytic.line"

    billing_state = fields.Selection(
        BILLING_STATES,
        string="Billing",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Empty: not time on a ticket.",
    )
    approved_hours = fields.Float(
        copy=False,
        readonly=True,
        help="Time that the manager lets pass. The time spent stays as the agent logged it.",
    )
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    approved_at = fields.Datetime(string="Approved on", readonly=True, copy=False)
    rejection_reason = fields.Text(readonly=True, copy=False)
