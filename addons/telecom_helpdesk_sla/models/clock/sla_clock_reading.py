from datetime import datetime

from odoo import api, fields, models

from ...tools.clock import count_used

EPOCH = datetime(1970, 1, 1)
HOUR = 3600


def to_epoch(instant):
    """Seconds since 1970 of a naive UTC datetime; None where there is none."""
    return int((instant - EPOCH).total_seconds()) if instant else None


class TelecomSlaClock(models.Model):
    """What a clock reads at this moment: stored rows know it up to ``running_since`` alone."""

    _inherit = "telecom.sla.clock"

    used_hours = fields.Float(string="Used", compute="_compute_reading", compute_sudo=True)
    target_hours = fields.Float(string="Target", compute="_compute_reading", compute_sudo=True)
    used_percent = fields.Integer(
        string="Used (%)",
        compute="_compute_reading",
        compute_sudo=True,
        help="Share of the promised working time that is used up.",
    )
    overrun_hours = fields.Float(string="Overrun", compute="_compute_reading", compute_sudo=True)

    @api.depends("consumed_seconds", "running_since", "target_seconds", "term_id", "breached_at")
    def _compute_reading(self):
        now = self._due_now()
        for clock in self:
            used, target = clock._get_used_seconds(now), clock.target_seconds
            clock.used_hours = used / HOUR
            clock.target_hours = target / HOUR
            clock.used_percent = used * 100 // target if target else 0
            clock.overrun_hours = max(0, used - target) / HOUR if clock.breached_at else 0

    def _get_used_seconds(self, now):
        """Working seconds used up at ``now``."""
        self.ensure_one()
        return count_used(self.consumed_seconds, self.running_since, self._get_hours(), now)

    def _get_left_seconds(self, now):
        """Working seconds that are left at ``now``; negative: by which it is overdue."""
        return self.target_seconds - self._get_used_seconds(now)

    def _get_hours(self):
        return self.term_id._get_terms()[self.metric].hours

    def _describe_countdown(self, now):
        """What the browser needs to go on counting by itself from ``now``.

        :return: instants are seconds since 1970, durations working seconds::

                {"id", "target", "used", "runs": bool, "deadline", "warning_at",
                 "imminent_at", "breached": bool}
        """
        self.ensure_one()
        return {
            "id": self.id,
            "target": self.target_seconds,
            "used": self._get_used_seconds(now),
            "runs": bool(self.running_since),
            "deadline": to_epoch(self.deadline),
            "warning_at": to_epoch(self.warning_at),
            "imminent_at": to_epoch(self.imminent_at),
            "breached": bool(self.breached_at),
        }
