from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import frozendict


class ResCompany(models.Model):
    _inherit = "res.company"
    _bounds = frozendict({"telecom_timer_reminder_hours": (None, 8_760)})  # a year

    telecom_timer_reminder_hours = fields.Integer(
        string="Timer Reminder",
        default=4,
        help="An agent whose timer has been running for so many hours is asked whether they still "
        "work. 0: never.",
    )

    @api.constrains("telecom_timer_reminder_hours")
    def _check_timer_reminder_hours(self):
        for company in self:
            if company.telecom_timer_reminder_hours < 0:
                raise ValidationError(
                    self.env._(
                        "After how many hours are agents asked about a running timer? 0 means "
                        "never."
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "telecom_timer_reminder_hours" in vals:
            running = [("ticket_id.company_id", "in", self.ids), ("running_since", "!=", False)]
            self.env["telecom.ticket.timer"].sudo().search(running)._plan_due()
        return result


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    telecom_timer_reminder_hours = fields.Integer(
        related="company_id.telecom_timer_reminder_hours", readonly=False
    )
