from odoo import api, fields, models
from odoo.tools import ormcache


class ResourceCalendar(models.Model):
    """Hours that promises are counted by: open tickets follow them, what was decided stands."""

    _inherit = "resource.calendar"

    telecom_hours_changed_at = fields.Datetime(
        string="Hours Changed on",
        readonly=True,
        copy=False,
        help="When working hours or days off changed that promises are counted by.",
    )

    @api.constrains("attendance_ids", "flexible_hours")
    def _check_promised_hours(self):
        """Hours that promises are counted by cannot be taken away."""
        for policy in self._find_sla_policies():
            (policy._get_hours() & self)._check_has_hours(policy._get_purpose())

    @api.model
    @ormcache()
    def _get_hours_changes(self):
        """When working hours last changed that promises are counted by, by calendar id."""
        calendars = self.sudo().with_context(active_test=False)
        changed = calendars.search_fetch(
            [("telecom_hours_changed_at", "!=", False)], ["telecom_hours_changed_at"]
        )
        return {calendar.id: calendar.telecom_hours_changed_at for calendar in changed}

    def _hours_changed(self):
        now = self.env["telecom.ticket"]._due_now()
        models.BaseModel.write(self.sudo(), {"telecom_hours_changed_at": now})
        super()._hours_changed()
        (self._find_sla_policies() | self._find_promised_policies())._plan_open_tickets()

    def _find_sla_policies(self):
        """Active policies (as superuser) that count by these working hours."""
        policies = self.env["telecom.sla.policy"].sudo()
        return policies.search(
            ["|", ("calendar_id", "in", self.ids), ("target_ids.calendar_id", "in", self.ids)]
        )

    def _find_promised_policies(self):
        """Policies (as superuser), archived ones too, that tickets were promised these hours by."""
        rows = (
            self.env["telecom.sla.term"]
            .sudo()
            ._read_group([("calendar_id", "in", self.ids)], ["policy_id"])
        )
        return self.env["telecom.sla.policy"].sudo().union(*(policy for (policy,) in rows))
