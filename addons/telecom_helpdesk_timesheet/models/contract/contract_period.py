from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.telecom_helpdesk.tools.durations import format_hours, to_hours, to_minutes

from ...tools.periods import count_days, find_last, prorate
from .contract import CARRY_OVERS, SHORT_PERIODS, UNITS


class TelecomContractPeriod(models.Model):
    """Hours that a contract includes from one day to another, and what became of them."""

    _name = "telecom.contract.period"
    _description = "Contract Period"
    _inherit = ["telecom.guard.mixin"]
    _order = "date_start desc, id desc"

    contract_id = fields.Many2one(
        "telecom.contract", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date_start = fields.Date(string="From", required=True, readonly=True)
    date_end = fields.Date(string="To", required=True, readonly=True)
    unit = fields.Selection(UNITS, required=True, readonly=True, default="month")
    carry_over = fields.Selection(
        CARRY_OVERS, string="Unused Hours", required=True, readonly=True, default="none"
    )
    hours = fields.Float(
        string="Included",
        help="Hours granted for this period. A manager may change them, such as out of goodwill.",
    )
    full_hours = fields.Float(
        readonly=True, help="What the contract included for a whole period when this one was made."
    )
    short_periods = fields.Selection(
        SHORT_PERIODS, string="Where Cut Short", required=True, readonly=True, default="full"
    )
    share_note = fields.Char(
        string="Share",
        compute="_compute_share_note",
        help="How many days of the period the contract has, and the hours for them.",
    )
    carried_hours = fields.Float(
        string="Carried Over", readonly=True, help="Hours left from earlier periods."
    )
    used_hours = fields.Float(
        string="Used", readonly=True, help="By work of this period that was approved."
    )
    left_hours = fields.Float(
        string="Left",
        readonly=True,
        help="Hours that may still be used; of a past period, those that were carried over.",
    )
    lost_hours = fields.Float(string="Lost", readonly=True, help="Hours that nobody used in time.")
    used_percent = fields.Float(string="Used (%)", compute="_compute_used_percent")
    state = fields.Selection(
        [("past", "Past"), ("current", "Present"), ("coming", "To Come")],
        compute="_compute_state",
    )

    _contract_start_unique = models.UniqueIndex(
        "(contract_id, date_start)", "This period of the contract exists already."
    )
    _hours_positive = models.Constraint("CHECK (hours >= 0)", "Included hours cannot be negative.")

    @api.depends("contract_id", "date_start", "date_end")
    def _compute_display_name(self):
        for period in self:
            period.display_name = self.env._(
                "%(start)s to %(end)s",
                start=format_date(self.env, period.date_start),
                end=format_date(self.env, period.date_end),
            )

    @api.depends("date_start", "date_end", "full_hours", "short_periods", "unit")
    def _compute_share_note(self):
        for period in self:
            period.share_note = False
            if period.short_periods != "share" or not period.date_end:
                continue
            last = period._get_whole_end()
            if period.date_end < last:
                period.share_note = self.env._(
                    "%(days)s of %(all)s days: %(hours)s h of %(full)s h",
                    days=count_days(period.date_start, period.date_end),
                    all=count_days(period.date_start, last),
                    hours=format_hours(period._get_share()),
                    full=format_hours(to_minutes(period.full_hours)),
                )

    @api.depends("hours", "carried_hours", "used_hours")
    def _compute_used_percent(self):
        for period in self:
            granted = period.hours + period.carried_hours
            period.used_percent = 100 * period.used_hours / granted if granted else 0

    @api.depends("date_start", "date_end")
    def _compute_state(self):
        today = self.env["telecom.contract"]._get_today()
        for period in self:
            if not period.date_end or period.date_end < today:
                period.state = "past"
            else:
                period.state = "coming" if period.date_start > today else "current"

    @api.constrains("hours")
    def _check_billed(self):
        for period in self.sudo():
            billed = period._get_billed_minutes()
            if to_minutes(period.hours) < billed:
                raise ValidationError(
                    self.env._(
                        "%(billed)s h of the hours included from %(period)s are billed already: "
                        "it cannot be less.",
                        billed=format_hours(billed),
                        period=period.display_name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "hours" in vals or "carry_over" in vals:
            self.contract_id._allot_included()
        return result

    # Cut short by the end of the contract

    def _get_whole_end(self):
        """Last day of this period if the contract did not end in it."""
        return find_last(self.contract_id.sudo().date_start, self.unit, self.date_start)

    def _get_share(self):
        """Minutes for the days that this period has."""
        last = self._get_whole_end()
        return prorate(to_minutes(self.full_hours), self.date_start, self.date_end, last)

    def _grant_share(self, billed=0):
        """Grant these periods the hours for the days that they have, where their contract says so.

        :param billed: minutes that stay in any case
        """
        for period in self.filtered(lambda period: period.short_periods == "share"):
            minutes = max(period._get_share(), billed)
            if to_minutes(period.hours) != minutes:
                models.BaseModel.write(period, {"hours": to_hours(minutes)})

    def _end_on(self, day):
        """Have this period end on ``day``. Hours that a manager changed stay as they are."""
        if self.short_periods != "share":
            self.date_end = day
            return
        billed = self._get_billed_minutes()
        is_changed = to_minutes(self.hours) != max(self._get_share(), billed)
        self.date_end = day
        if not is_changed:
            self._grant_share(billed)

    def _get_billed_minutes(self):
        """Minutes of this period's hours that cover work billed already."""
        self.ensure_one()
        lines = self.env["account.analytic.line"].sudo()
        billed = lines.search_fetch(
            [
                ("contract_id", "=", self.contract_id.id),
                ("billing_state", "in", ("invoiced", "included")),
                ("included_hours", ">", 0),
            ],
            ["included_periods"],
        )
        return sum((line.included_periods or {}).get(str(self.id), 0) for line in billed)

    def _write_statement(self, statement):
        """Store what became of this period's hours (``tools.allotment.Statement``)."""
        vals = {f"{name}_hours": to_hours(value) for name, value in statement._asdict().items()}
        vals = {name: value for name, value in vals.items() if self[name] != value}
        if vals:
            models.BaseModel.write(self, vals)
