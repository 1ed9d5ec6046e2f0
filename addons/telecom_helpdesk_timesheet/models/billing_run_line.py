from odoo import fields, models


class TelecomBillingRunLine(models.Model):
    """One customer's time in a billing run: the invoice that it went on, or why not."""

    _name = "telecom.billing.run.line"
    _description = "Billing Run: Customer"
    _inherit = ["telecom.due.mixin"]
    _order = "id"
    _due_cron = "telecom_helpdesk_timesheet.ir_cron_billing_run_line_due"

    run_id = fields.Many2one("telecom.billing.run", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True)
