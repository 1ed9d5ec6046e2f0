from datetime import datetime, time, timedelta

from odoo import models

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_minutes

# Work that is approved at the very moment at which a pack is made is counted after so long.
SETTLING = timedelta(minutes=2)


class TelecomHourPack(models.Model):
    """What the scheduler does with packs: expiry, and a warning before they run out."""

    _inherit = "telecom.hour.pack"

    def _get_next_due(self):
        due = super()._get_next_due()
        now = self._due_now()
        instants = [due] if due else []
        if self._has_to_warn():
            instants.append(now)
        if self.state == "active":
            settled = self.create_date.replace(microsecond=0) + SETTLING
            if settled > now:
                instants.append(settled)
            if self.date_end:
                instants.append(datetime.combine(self.date_end + timedelta(days=1), time.min))
        return min(instants, default=False)

    def _on_due(self, now):
        self._allot(self.partner_id)
        if self._has_to_warn():
            self._warn()

    def _has_to_warn(self):
        """Whether so little is left that somebody has to know, and nobody was told."""
        percent = self.company_id.telecom_pack_warning_percent
        granted = to_minutes(self.bought_hours) - to_minutes(self.credited_hours)
        return (
            self.state in ("active", "used")
            and not self.warned_at
            and percent > 0
            and 100 * to_minutes(self.left_hours) <= percent * granted
        )

    def _warn(self):
        """Notify the customer's salesperson, and the customer if the company is set up for it."""
        models.BaseModel.write(self, {"warned_at": self._due_now()})
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._(
                "%(customer)s: %(left)s h of %(bought)s h left",
                customer=self.partner_id.display_name,
                left=format_hours(to_minutes(self.left_hours)),
                bought=format_hours(to_minutes(self.bought_hours)),
            ),
            user_id=self._get_due_responsible().id,
        )
        template = self.env.ref(
            "telecom_helpdesk_timesheet.mail_template_hour_pack", raise_if_not_found=False
        )
        if template and self.company_id.telecom_pack_tell_customer and self.contact_id.email:
            template.send_mail(self.id)

    def _get_due_responsible(self):
        """The customer's salesperson, if they may see packs; else a manager of the helpdesk."""
        return self.env["telecom.agent"]._get_people_to_notify(
            self.partner_id.user_id, company=self.company_id
        )[:1]
