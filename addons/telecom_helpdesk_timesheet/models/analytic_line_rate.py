from odoo import fields, models


class AccountAnalyticLine(models.Model):
    """What an hour costs, and how much of it is billed."""

    _inherit = "account.analytic.line"

    billable = fields.Boolean(copy=False, help="Whether the customer pays for this time.")
    hours_period = fields.Selection(
        [("working", "Working Hours"), ("out", "Out of Hours")],
        string="Time of Day",
        help="Whether the work was done in the working hours of the customer's contract.",
    )
    support_rate_id = fields.Many2one(
        "telecom.support.rate", string="Rate", index="btree_not_null", copy=False
    )
    billed_hours = fields.Float(
        string="Time to Bill",
        readonly=True,
        copy=False,
        help="Approved time, at least the rate's minimum, rounded up to its step.",
    )
