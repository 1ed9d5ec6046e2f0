from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    telecom_timer_reminder_hours = fields.Integer(
        string="Timers Ask After",
        default=4,
        help="Hours after which a timer that is still running asks its agent, again and again. "
        "0: never.",
    )

    _telecom_timer_reminder_hours_positive = models.Constraint(
        "CHECK (telecom_timer_reminder_hours BETWEEN 0 AND 24)",
        "Timers ask after 1 to 24 hours, or never (0).",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    telecom_timer_reminder_hours = fields.Integer(
        related="company_id.telecom_timer_reminder_hours", readonly=False
    )
