from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """The company's settings for time on tickets, on Odoo's page of settings."""

    _inherit = "res.config.settings"

    telecom_support_project_id = fields.Many2one(
        related="company_id.telecom_support_project_id", readonly=False
    )
    telecom_timer_reminder_hours = fields.Integer(
        related="company_id.telecom_timer_reminder_hours", readonly=False
    )
    telecom_approve_own_time = fields.Boolean(
        related="company_id.telecom_approve_own_time", readonly=False
    )
    telecom_long_day_hours = fields.Integer(
        related="company_id.telecom_long_day_hours", readonly=False
    )
    telecom_approval_reminder_days = fields.Integer(
        related="company_id.telecom_approval_reminder_days", readonly=False
    )
    telecom_budget_percent = fields.Integer(
        related="company_id.telecom_budget_percent", readonly=False
    )
    telecom_pack_warning_percent = fields.Integer(
        related="company_id.telecom_pack_warning_percent", readonly=False
    )
    telecom_pack_tell_customer = fields.Boolean(
        related="company_id.telecom_pack_tell_customer", readonly=False
    )
    telecom_billing_day = fields.Integer(related="company_id.telecom_billing_day", readonly=False)
    telecom_billing_grouping = fields.Selection(
        related="company_id.telecom_billing_grouping", readonly=False, required=True
    )
    telecom_billing_user_id = fields.Many2one(
        related="company_id.telecom_billing_user_id", readonly=False
    )
    telecom_billing_append_sheet = fields.Boolean(
        related="company_id.telecom_billing_append_sheet", readonly=False
    )
    telecom_price_day = fields.Selection(
        related="company_id.telecom_price_day", readonly=False, required=True
    )
    telecom_billing_reminder_days = fields.Integer(
        related="company_id.telecom_billing_reminder_days", readonly=False
    )
