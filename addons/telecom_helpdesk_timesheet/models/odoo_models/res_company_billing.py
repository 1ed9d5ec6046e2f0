from odoo import api, fields, models

from ..billing.billing_run import GROUPINGS

PRICE_DAYS = [("work", "Of the day of the work"), ("invoice", "Of the day of the invoice")]


class ResCompany(models.Model):
    """How and when this company bills its support."""

    _inherit = "res.company"
    _bounds = {"telecom_billing_day": (0, None)}

    telecom_billing_day = fields.Integer(
        string="Bill Support Time on Day",
        help="Day of the month on which approved time is put on invoices automatically, 1 to 28. "
        "0: only by hand.",
    )
    telecom_billing_grouping = fields.Selection(
        GROUPINGS, string="Support Lines on Invoices", default="ticket", required=True
    )
    telecom_billing_user_id = fields.Many2one(
        "res.users",
        string="Told of What Is Left",
        ondelete="set null",
        help="Who is told what could not be billed automatically. Empty: an accountant.",
    )
    telecom_billing_append_sheet = fields.Boolean(
        string="Append Time Sheet to Invoices", default=True
    )
    telecom_price_day = fields.Selection(
        PRICE_DAYS,
        string="Prices and Exchange Rates",
        default="work",
        required=True,
        help="Whose day decides which prices of the customer's pricelist hold, and at which "
        "exchange rate they are converted. The day of the invoice is its date or, as long as it "
        "has none, the day on which the time is put on it. Prices by quantity go by all the work "
        "that is billed to a customer at once.",
    )

    _telecom_billing_day_in_month = models.Constraint(
        "CHECK (telecom_billing_day BETWEEN 0 AND 28)",
        "Choose a day from 1 to 28, which every month has, or 0 to bill by hand only.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.filtered("telecom_billing_day")._plan_billing()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if "telecom_billing_day" in vals:
            self._plan_billing()
        return result

    def _plan_billing(self):
        for company in self:
            self.env["telecom.billing.run"]._plan_next(company)


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    telecom_billing_day = fields.Integer(related="company_id.telecom_billing_day", readonly=False)
    telecom_billing_grouping = fields.Selection(
        related="company_id.telecom_billing_grouping", readonly=False, required=True
    )
    telecom_billing_append_sheet = fields.Boolean(
        related="company_id.telecom_billing_append_sheet", readonly=False
    )
    telecom_billing_user_id = fields.Many2one(
        related="company_id.telecom_billing_user_id", readonly=False
    )
    telecom_price_day = fields.Selection(
        related="company_id.telecom_price_day", readonly=False, required=True
    )
