from odoo import fields, models


class ResourceCalendar(models.Model):
    """Working hours remember when they changed: what was decided before stands."""

    _inherit = "resource.calendar"

    telecom_hours_changed_at = fields.Datetime(
        string="Hours Changed on",
        readonly=True,
        copy=False,
        help="When working hours or days off changed that promises are counted by.",
    )

    def _hours_changed(self):
        super()._hours_changed()
        now = self.env["telecom.ticket"]._due_now()
        models.BaseModel.write(self.sudo(), {"telecom_hours_changed_at": now})
