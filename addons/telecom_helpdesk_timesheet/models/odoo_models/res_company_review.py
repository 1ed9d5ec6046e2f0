from odoo import fields, models
from odoo.tools import frozendict


class ResCompany(models.Model):
    """How closely this company looks at time, and how long it may wait."""

    _inherit = "res.company"
    _bounds = frozendict(
        {
            "telecom_long_day_hours": (0, 24),
            "telecom_approval_reminder_days": (0, 366),
            "telecom_billing_reminder_days": (0, 366),
        }
    )

    telecom_long_day_hours = fields.Integer(
        string="Check Time Longer than",
        default=12,
        help="More hours than this in one entry, or of one agent on one day, are marked for "
        "whoever approves them, and are not approved together with other time. 0: never.",
    )
    telecom_approval_reminder_days = fields.Integer(
        string="Remind of Time to Approve after",
        default=3,
        help="Managers get a mail, once a day, while time has been waiting for their approval for "
        "more days than this. 0: never.",
    )
    telecom_billing_reminder_days = fields.Integer(
        string="Show Time Not Billed after",
        default=31,
        help="The dashboard shows managers the time that was approved more days ago than this and "
        "is not billed. 0: never.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    telecom_long_day_hours = fields.Integer(
        related="company_id.telecom_long_day_hours", readonly=False
    )
    telecom_approval_reminder_days = fields.Integer(
        related="company_id.telecom_approval_reminder_days", readonly=False
    )
    telecom_billing_reminder_days = fields.Integer(
        related="company_id.telecom_billing_reminder_days", readonly=False
    )
