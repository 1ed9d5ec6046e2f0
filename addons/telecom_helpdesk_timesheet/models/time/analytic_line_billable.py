from babel.numbers import format_decimal, format_percent

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL
from odoo.tools.misc import babel_locale_parse, get_lang
from odoo.tools.sql import column_exists, create_column


class AccountAnalyticLine(models.Model):
    """How much of an entry the customer pays for: ``billable`` says whether, this says which part.

    Not billable is 0 %, and 0 % is not billable: whoever writes one of them writes the other.
    """

    _inherit = "account.analytic.line"

    billable_percent = fields.Integer(
        string="Billable Share (%)",
        compute="_compute_billable_percent",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        aggregator="avg",
        help="Share of the time that the customer pays for. The rate's factor, step and minimum "
        "apply to that share.",
    )

    _billable_percent_between = models.Constraint(
        "CHECK (billable_percent BETWEEN 0 AND 100)",
        "The billable share is between 0 % and 100 %.",
    )

    def _create_share_column(self):
        # What was billable was billable as a whole. Odoo would go through all timesheets.
        if not column_exists(self.env.cr, self._table, "billable_percent"):
            create_column(self.env.cr, self._table, "billable_percent", "int4")
            if column_exists(self.env.cr, self._table, "billable"):
                self.env.cr.execute(
                    SQL("UPDATE account_analytic_line SET billable_percent = 100 WHERE billable")
                )

    @api.depends("billable")
    def _compute_billable_percent(self):
        for line in self:
            line.billable_percent = (line.billable_percent or 100) if line.billable else 0

    @api.onchange("billable_percent")
    def _onchange_billable_percent(self):
        self.billable = self.billable_percent > 0

    @api.model
    def _complete_share(self, vals):
        """``vals`` (dict), in which a share also says whether the time is billable.

        :raises ValidationError: they say two things
        """
        if "billable_percent" not in vals:
            return vals
        billable = bool(vals["billable_percent"])
        if bool(vals.get("billable", billable)) != billable:
            raise ValidationError(
                self.env._(
                    "Time that is not billable has a billable share of 0 %, other time has more."
                )
            )
        return {**vals, "billable": billable}

    def _describe_multipliers(self):
        """Share and factor that this approved entry is counted by, as in "× 50% × 1.5"; or ""."""
        return describe_multipliers(
            self.env, self.billable_percent, (self.reckoning or {}).get("factor", 100)
        )


def describe_multipliers(env, share, factor):
    """``share`` and ``factor``, both in percent, as in "× 50% × 1.5"; empty: all of it, once."""
    texts = []
    if share != 100:
        texts.append(f"× {format_share(env, share)}")
    if factor != 100:
        texts.append(f"× {format_factor(env, factor)}")
    return " ".join(texts)


def format_share(env, percent):
    """``percent`` (int) as the user's language writes it."""
    return format_percent(percent / 100, locale=babel_locale_parse(get_lang(env).code))


def format_factor(env, percent):
    """What ``percent`` (int) multiplies by, as the user's language writes it: 150 is "1.5"."""
    return format_decimal(percent / 100, locale=babel_locale_parse(get_lang(env).code))
