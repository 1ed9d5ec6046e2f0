from odoo import fields, models


class TelecomBillingRun(models.Model):
    """Approved time of a company is billed: when, by whom, and what came of it."""

    _name = "telecom.billing.run"
    _description = "Billing Run"
    _inherit = ["telecom.due.mixin"]
    _order = "id desc"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_billing_run_due"

    company_id = fields.Many2one("res.company", required=True, index=True)
    line_ids = fields.One2many("telecom.billing.run.line", "run_id")
