from datetime import datetime, time

from dateutil.relativedelta import relativedelta
from pytz import timezone, utc

from odoo import api, models

# When the scheduled run begins, in the company's time zone: before anybody is at work.
BEGINS_AT = time(4)


class TelecomBillingRun(models.Model):
    """When the company's next run is: on the day of the month that its settings say."""

    _inherit = "telecom.billing.run"

    @api.model
    def _plan_next(self, company):
        """Plan the company's next run, on the day of the month that its settings say, or none."""
        planned = self.sudo().search([("company_id", "=", company.id), ("state", "=", "planned")])
        day = company.telecom_billing_day
        if not day:
            planned.unlink()
            return
        if not planned:
            planned = self.sudo().create(
                {"company_id": company.id, "origin": "automatic", "state": "planned"}
            )
        planned._write_due({"planned_at": self._find_next_day(company, day)})
        planned._plan_due()

    @api.model
    def _find_next_day(self, company, day):
        """When (naive UTC) it is the morning of the ``day`` of the month next."""
        zone = self._get_zone(company)
        now = utc.localize(self._due_now()).astimezone(zone)
        first = now.date() + relativedelta(day=day)
        for date in (first, first + relativedelta(months=1)):
            at = zone.localize(datetime.combine(date, BEGINS_AT))
            if at > now:
                break
        return at.astimezone(utc).replace(tzinfo=None)

    @api.model
    def _get_zone(self, company):
        return timezone(company.partner_id.tz or company.resource_calendar_id.tz or "UTC")

    @api.model
    def _get_today(self, company, now=None):
        """The day (date) that it is at ``company``, at the instant ``now`` (naive UTC)."""
        now = utc.localize(now or self._due_now())
        return now.astimezone(self._get_zone(company)).date()
