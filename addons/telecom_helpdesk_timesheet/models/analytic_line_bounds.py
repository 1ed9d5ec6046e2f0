from math import isfinite

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Date, Datetime

# What the split into working hours can count with.
FIRST_YEAR, LAST_YEAR = 1990, 2100


class AccountAnalyticLine(models.Model):
    """Lengths and days that nobody works are refused before anything is computed from them."""

    _inherit = "account.analytic.line"

    @api.model
    def _check_bounds(self, vals):
        """:raises ValidationError: ``vals`` (dict) of time on a ticket hold no length or no day"""
        length = vals.get("unit_amount") or 0
        try:
            is_length = isfinite(length) and abs(length) < 1e6
            days = [Date.to_date(vals.get("date")), Datetime.to_datetime(vals.get("started_at"))]
        except (TypeError, ValueError, OverflowError):
            is_length, days = False, []
        if not is_length or any(day and not FIRST_YEAR <= day.year <= LAST_YEAR for day in days):
            raise ValidationError(
                self.env._(
                    "That is no time that anybody works: enter hours, and a day between %(first)s "
                    "and %(last)s.",
                    first=FIRST_YEAR,
                    last=LAST_YEAR,
                )
            )
